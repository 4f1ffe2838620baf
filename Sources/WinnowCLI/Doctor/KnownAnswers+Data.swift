// Written by Scripts/make-doctor-goldens with transformers 5.24.0 and torch 2.13.0+cpu;
// change the texts there.

extension KnownAnswers {
    static let questions: [Question] = [
        Question(
            text: "How long does a refund take?",
            relevant: "Refunds reach your card within five to ten business days after we approve them.",
            irrelevant: "How long the bridge is and how long it took to build: it does take a long walk to see.",
            relevantLogit: 6.201323, irrelevantLogit: -5.835695),
        Question(
            text: "What is the boiling point of water at sea level?",
            relevant: "At sea level, water boils at a temperature of 100 degrees Celsius.",
            irrelevant: "The point of the sea level survey is to know the level of water at what is called a sea wall.",
            relevantLogit: 7.589278, irrelevantLogit: -2.390759),
        Question(
            text: "How do I reset my password?",
            relevant: "To reset your password, open the sign-in page and choose Forgot password; a link comes by mail.",
            irrelevant: "How do I reset my alarm clock? Do turn my clock over and press the word reset.",
            relevantLogit: 6.297899, irrelevantLogit: -3.434042),
        Question(
            text: "Which vitamin does sunlight help the body to make?",
            relevant: "When sunlight falls on the skin, the body produces vitamin D.",
            irrelevant: "Which window does help to make the room brighter does not matter to the body of the car.",
            relevantLogit: 2.552371, irrelevantLogit: -5.081349),
        Question(
            text: "Why do leaves change colour in autumn?",
            relevant: "In autumn, trees stop making chlorophyll, so leaves lose their green and show yellow and red.",
            irrelevant: "Why do birds leave in autumn? In autumn they change their home, and they do leave early.",
            relevantLogit: 1.993742, irrelevantLogit: -0.881831),
        Question(
            text: "How many requests per minute may a workspace send?",
            relevant: "A workspace may send at most 600 API requests per minute; more are answered with status 429.",
            irrelevant: "How many minutes per game may a team send a player off? Many send one in a minute.",
            relevantLogit: 8.950680, irrelevantLogit: -2.935539),
        Question(
            text: "What should I do when the smoke alarm beeps once a minute?",
            relevant: "A smoke alarm that chirps every minute has a low battery: replace the battery.",
            irrelevant: "What should I do once a minute when I exercise? When the minute is over, I do rest once.",
            relevantLogit: 6.386727, irrelevantLogit: -3.624636),
        Question(
            text: "Who may cancel the contract early?",
            relevant: "Either party may terminate the agreement early by giving ninety days' written notice.",
            irrelevant: "Who may come early? The guests who come early may cancel the taxi that was ordered.",
            relevantLogit: 3.599986, irrelevantLogit: -0.573583),
        Question(
            text: "How deep is the harbour at low tide?",
            relevant: "At low tide the harbour is four metres deep.",
            irrelevant: "How deep is the love at low light? The colour is deep and the tide of fashion is low.",
            relevantLogit: 9.387733, irrelevantLogit: -3.045785),
        Question(
            text: "What causes the tides?",
            relevant: "Tides are caused by the gravitational pull of the Moon and the Sun on the oceans.",
            irrelevant: "What causes the headaches? The causes of the headaches are noise and what one eats.",
            relevantLogit: 6.130536, irrelevantLogit: -5.552891),
        Question(
            text: "How can I export my data?",
            relevant: "Choose Settings, then Export, to download all of your data as a CSV file.",
            irrelevant: "How can I export my car? I can ship my car to my brother abroad.",
            relevantLogit: 0.123395, irrelevantLogit: -2.771620),
        Question(
            text: "What is the warranty period of the washing machine?",
            relevant: "The washing machine has a warranty of two years from the date of purchase.",
            irrelevant: "What is the period of the pendulum? The period of the machine is what the watch shows.",
            relevantLogit: 7.593311, irrelevantLogit: -5.243684),
    ]

    static let paraphrases: [Paraphrase] = [
        Paraphrase(
            text: "The meeting was postponed until next week.",
            same: "They moved the meeting to the following week.",
            other: "Bees find their way home by the position of the sun.",
            sameCosine: 0.690538, otherCosine: -0.048424),
        Paraphrase(
            text: "He bought a second-hand car.",
            same: "He purchased a used automobile.",
            other: "The soup needs more salt.",
            sameCosine: 0.790150, otherCosine: 0.052222),
        Paraphrase(
            text: "The child was afraid of the dark.",
            same: "Darkness frightened the child.",
            other: "Our prices do not include shipping.",
            sameCosine: 0.896492, otherCosine: -0.021617),
        Paraphrase(
            text: "The shop opens at nine in the morning.",
            same: "The store is open from 9 am.",
            other: "Glaciers carve deep valleys into rock.",
            sameCosine: 0.797710, otherCosine: -0.026341),
        Paraphrase(
            text: "Heavy rain flooded the streets.",
            same: "The roads were under water after a downpour.",
            other: "Please attach your passport photograph to the form.",
            sameCosine: 0.583304, otherCosine: 0.062577),
        Paraphrase(
            text: "She lost her keys at the station.",
            same: "Her keys went missing at the train station.",
            other: "The formula of table salt is NaCl.",
            sameCosine: 0.873464, otherCosine: 0.082212),
        Paraphrase(
            text: "The doctor advised him to rest.",
            same: "He was told by his physician to take it easy.",
            other: "The stadium holds fifty thousand people.",
            sameCosine: 0.506196, otherCosine: 0.010208),
        Paraphrase(
            text: "Smoking is not allowed in this building.",
            same: "You may not smoke inside this building.",
            other: "The violin was made in Cremona.",
            sameCosine: 0.828347, otherCosine: 0.024756),
        Paraphrase(
            text: "The company hired twenty new engineers.",
            same: "Twenty engineers were recruited by the firm.",
            other: "Cats sleep for most of the day.",
            sameCosine: 0.861267, otherCosine: -0.083198),
        Paraphrase(
            text: "The power went out during the storm.",
            same: "There was a blackout while the storm raged.",
            other: "Add the files to the archive.",
            sameCosine: 0.770301, otherCosine: -0.009436),
        Paraphrase(
            text: "I would like a table for two.",
            same: "Can we have a table for two people?",
            other: "The telescope was launched in 1990.",
            sameCosine: 0.758584, otherCosine: 0.036407),
        Paraphrase(
            text: "Her flight was delayed by three hours.",
            same: "The plane she took left three hours late.",
            other: "Whisk the eggs until they are pale.",
            sameCosine: 0.847277, otherCosine: 0.111779),
    ]
}
