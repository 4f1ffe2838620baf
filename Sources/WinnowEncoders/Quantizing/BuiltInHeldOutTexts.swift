extension SampleTexts {
    /// Questions and passages of our own that calibration never sees: each question with every passage.
    public static let builtInHeldOut = SampleTexts(
        name: "Winnow's built-in held-out texts",
        queries: heldOutTexts.map { SampleTexts.Query($0.question, passages: Array(heldOutTexts.indices)) },
        passages: heldOutTexts.map(\.passage))

    private static let heldOutTexts: [(question: String, passage: String)] = [
        (
            "How do I change the owner of a project?",
            """
            Only the present owner can hand over a project: open its settings, choose Transfer, and enter the address of a \
            member who has two-factor authentication switched on. The new owner accepts within 72 hours; until then nothing \
            changes. Billing moves with the project from the next invoice on.
            """
        ),
        (
            "Who owned the mill before the fire?",
            """
            The paper mill by the weir belonged to the Lindqvist family from 1793 until the fire of 1881, when the machines \
            of the upper floor fell through into the wheel pit. The insurance paid half. A brewery bought the walls, and \
            since 1990 there have been flats in them.
            """
        ),
        (
            "drug interaction with grapefruit juice",
            """
            Grapefruit juice blocks an enzyme in the gut wall, CYP3A4, for about a day. Tablets that this enzyme breaks down \
            then reach the blood in larger amounts: some statins threefold, felodipine up to fivefold. Oranges do not have \
            this effect, bitter oranges do. Whoever takes such tablets should leave grapefruit out altogether, for waiting a \
            few hours is not enough.
            """
        ),
        (
            "Is data encrypted at rest?",
            """
            All customer data are encrypted at rest with AES-256 and in transit with TLS 1.2 or later. Keys are kept in a \
            hardware module and change every 90 days. Customers of the Enterprise plan may bring their own key; if they \
            withdraw it, the data cannot be read by anyone, backups included.
            """
        ),
        (
            "how to descale an espresso machine",
            """
            Dissolve 40 g citric acid in a litre of cold water, fill the tank, and let half of it run through the group and \
            the steam pipe. Wait twenty minutes, run the rest, then rinse with two full tanks. Vinegar attacks the seals. \
            With hard water, above 14 °dH, do it every six weeks.
            """
        ),
        (
            "late payment interest between businesses",
            """
            Where the debtor of a claim for payment is a business, interest for late payment is nine percentage points above \
            the base rate a year. The creditor may also claim a lump sum of 40 euros. The debtor is in default thirty days \
            after the invoice is due and received, or from the date that the contract names.
            """
        ),
        (
            "TypeError: 'NoneType' object is not subscriptable",
            """
            The value before the bracket is None: a function that you expected to return a list or a dict returned nothing. \
            Typical causes are a missing return in one branch, `list.sort()` used as a value, and `dict.get(key)` without a \
            default. Print the value a line earlier, or write `if row is None: ...`.
            """
        ),
        (
            "Why are flamingos pink?",
            """
            Flamingos hatch grey. The colour comes from carotenoids in the algae and small crustaceans they eat, which the \
            liver changes into pigments that are laid down in feathers and skin. In captivity they fade within a year unless \
            such pigments are added to the feed. Well-fed birds are pinker, and pair earlier.
            """
        ),
        (
            "Welche Unterlagen brauche ich für die Anmeldung?",
            """
            Für die Anmeldung der Wohnung brauchen Sie einen Personalausweis oder Reisepass, die Bestätigung des Vermieters \
            über den Einzug und, falls Sie heiraten oder ein Kind haben, die Urkunden dazu. Die Frist beträgt zwei Wochen \
            nach dem Einzug; eine Vorabmeldung ist nicht möglich.
            """
        ),
        (
            "horario del museo en agosto",
            """
            En agosto el museo abre de martes a domingo de 9.30 a 14.00 y de 17.00 a 20.30. Los lunes permanece cerrado, \
            salvo festivos. La entrada general cuesta 8 euros; los menores de doce años y los jubilados entran gratis. La \
            última visita guiada empieza una hora antes del cierre.
            """
        ),
        (
            "number of employees at the end of the year",
            """
            At 31 December the group employed 4,318 people (previous year 4,105), 61 % of them outside Europe. Personnel \
            expenses rose by 6.2 % to 284.7 million. 212 apprentices were in training; the share of women in management was \
            29.4 % (27.8 %). Staff turnover fell to 8.1 %.
            """
        ),
        (
            "what to do when the smoke detector beeps every minute",
            """
            A single beep every minute means that the battery is nearly empty. Take the detector off its base by turning it \
            to the left, change the battery (9 V block, alkaline), and press the test button for three seconds. Detectors \
            with a sealed battery are replaced as a whole, at the latest ten years after the date printed on the back.
            """
        ),
        (
            "minimum distance between two wells",
            """
            A new well shall be at least 50 m from any other well that serves drinking water and 15 m from a septic tank or \
            a road that is salted in winter. Test pumping over 72 hours must not lower the neighbour's level by more than \
            0.3 m. The authority may ask for a hydrogeological report where the aquifer is thinner than 5 m.
            """
        ),
        (
            "best opening move for beginners",
            """
            Begin with 1.e4. It opens lines for queen and bishop, fights for the centre, and leads to games in which pieces \
            meet early, from which one learns more than from slow plans. Bring out knights before bishops, castle within ten \
            moves, and do not move a piece twice without a reason.
            """
        ),
        (
            "support phone number",
            """
            Call us on 0800 555 0199, Monday to Friday, 8 a.m. to 8 p.m.
            """
        ),
        (
            "does the committee need a quorum to decide",
            """
            The committee decides by a majority of the members present. It has a quorum when at least five of its nine \
            members take part, two of them from outside. Without a quorum the matter goes to the next meeting, which decides \
            whatever the number present. Votes by e-mail are allowed if nobody objects within three days.
            """
        ),
    ]
}
