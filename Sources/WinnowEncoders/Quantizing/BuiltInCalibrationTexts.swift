extension SampleTexts {
    /// Questions and passages of our own, of many kinds, for calibration where nobody has texts that are nearer to the use.
    ///
    /// Each question is read with the passage that answers it and with two that do not; every fourth passage is continued by the next
    /// one, so that long sequences are among them.
    public static let builtInCalibration: SampleTexts = {
        let count = calibrationTexts.count
        let passages = calibrationTexts.indices.map { index in
            let own = calibrationTexts[index].passage
            return index % 4 == 3 ? own + " " + calibrationTexts[(index + 1) % count].passage : own
        }
        return SampleTexts(
            name: "Winnow's built-in calibration texts",
            queries: calibrationTexts.enumerated().map { index, text in
                SampleTexts.Query(text.question, passages: [index, (index + 7) % count, (index + 19) % count])
            }, passages: passages)
    }()

    private static let calibrationTexts: [(question: String, passage: String)] = [
        (
            "How long does the battery of the hand scanner last?",
            """
            The hand scanner holds its charge for a full shift of nine hours at one scan every ten seconds. Below 15 percent \
            the ring turns amber, below 5 percent red, and scans are kept in memory until the device stands in its cradle. A \
            full charge takes two and a half hours. Batteries older than three years should be replaced in pairs.
            """
        ),
        (
            "who may open the server room after midnight",
            """
            Between midnight and six in the morning the server room is opened by the duty engineer and one witness only. \
            Both sign the log with time and reason. A contractor is never left alone there, and the door alarm is not \
            switched off for deliveries; whoever expects one asks for a slot during the day.
            """
        ),
        (
            "What is the notice period during probation?",
            """
            During the first six months of employment either party may end this agreement with two weeks' notice in writing, \
            effective on any day. Thereafter the period is three months to the end of a quarter. The right to terminate for \
            good cause without notice remains unaffected. Holiday that has not been taken is paid out with the last salary.
            """
        ),
        (
            "Which enzyme is measured when the liver is damaged?",
            """
            Damaged liver cells release aminotransferases into the blood. Alanine aminotransferase is found mostly in the \
            liver and rises early; aspartate aminotransferase also comes from heart and muscle. A ratio above two suggests \
            alcohol as the cause, though it proves nothing by itself. Values return to normal within weeks once the cause is \
            gone.
            """
        ),
        (
            "why does bread dough rise more slowly in winter",
            """
            Yeast works fastest near 35 °C. In a kitchen of 17 °C a dough that doubles in one hour in July takes nearly \
            three. Bakers use warmer water rather than more yeast, because a slow dough tastes of more: acids and aromas \
            need time. Salt slows it as well, and so does a great deal of sugar or butter.
            """
        ),
        (
            "How do I undo the last commit without losing my changes?",
            """
            Run `git reset --soft HEAD~1`. The commit disappears from the branch, its changes stay staged, and you can \
            commit them again with another message. With `--mixed`, the default, they stay in the working tree but are not \
            staged. `--hard` throws them away. If the commit was pushed already, use `git revert <sha>` instead, which adds \
            a commit that undoes it.
            """
        ),
        (
            "error ECONNREFUSED 127.0.0.1:5432",
            """
            The client could not reach the database: nothing listens on port 5432 of this host. Check with `pg_isready -h \
            127.0.0.1` whether the server runs; inside a container 127.0.0.1 is the container itself, so use the service's \
            name, for example DATABASE_URL=postgres://app@db:5432/app. A refused connection is immediate; a firewall usually \
            makes you wait for a timeout.
            """
        ),
        (
            "what does the function return for an empty list",
            """
            func mean(_ values: [Double]) -> Double? { guard !values.isEmpty else { return nil } return values.reduce(0, +) \
            / Double(values.count) } // nil rather than NaN: the caller has to decide what the mean of nothing is.
            """
        ),
        (
            "When was the lighthouse automated?",
            """
            The lighthouse on the northern cape was lit in 1871 with colza oil, converted to paraffin in 1904 and to \
            electricity in 1938. Its last keeper left in October 1986, when the lamp was automated. The tower is 31 metres \
            high, painted in two red bands, and its light is seen from 22 nautical miles in clear weather.
            """
        ),
        (
            "Wie lange ist ein Angebot gültig?",
            """
            Unsere Angebote sind freibleibend, sofern sie nicht ausdrücklich als verbindlich bezeichnet werden. Ein \
            verbindliches Angebot gilt dreißig Tage ab dem Datum seiner Ausstellung. Preise verstehen sich zuzüglich der \
            gesetzlichen Umsatzsteuer; Lieferfristen beginnen erst, wenn alle technischen Fragen geklärt sind.
            """
        ),
        (
            "à quelle heure ferme la bibliothèque le samedi",
            """
            La bibliothèque municipale est ouverte du mardi au vendredi de 10 h à 19 h et le samedi de 10 h à 17 h. Le prêt \
            dure trois semaines et peut être prolongé une fois, sauf si l'ouvrage est réservé par un autre lecteur. Les \
            retards coûtent dix centimes par jour et par document.
            """
        ),
        (
            "¿Cuánto cuesta cambiar un vuelo?",
            """
            El cambio de fecha cuesta 45 euros por trayecto más la diferencia de tarifa. Hasta veinticuatro horas después de \
            la compra es gratuito. Los nombres no se pueden cambiar; un error de una o dos letras se corrige sin coste por \
            teléfono. Las tasas de aeropuerto se devuelven aunque el billete no sea reembolsable.
            """
        ),
        (
            "图书馆可以借几本书",
            """
            每位读者最多可以借阅十本图书，借期为三十天，可以续借一次。逾期归还的，每天每本收取一角钱。丢失图书应当照价赔偿，或者购买同一版本的新书归还。
            """
        ),
        (
            "как сбросить пароль",
            """
            Чтобы сбросить пароль, нажмите «Забыли пароль?» на странице входа и укажите адрес электронной почты. Ссылка \
            действует один час. Если письмо не пришло, проверьте папку со спамом или обратитесь к администратору вашей \
            организации.
            """
        ),
        (
            "revenue growth third quarter",
            """
            Revenue rose by 7.4 % to 1,286 million in the third quarter (previous year: 1,197 million), of which 2.1 points \
            came from exchange rates. The gross margin fell from 41.8 % to 40.9 % because freight cost more. Operating \
            profit before special items was 143 million; the outlook for the year is unchanged at 5 to 7 % growth.
            """
        ),
        (
            "Does the warranty cover water damage?",
            """
            The manufacturer warrants the device against defects in material and workmanship for 24 months from the date of \
            purchase. Not covered are wear, falls, liquids, and repairs by others. Devices marked IP67 withstand one metre \
            of fresh water for thirty minutes when new; salt water is excluded in every case.
            """
        ),
        (
            "best time to prune apple trees",
            """
            Apple trees are pruned while they are dormant, in late winter, on a dry day without hard frost. Take out dead, \
            crossing and inward-growing wood first, then shorten the leaders by a third above an outward bud. Summer pruning \
            in August calms trees that grow too strongly. Never remove more than a quarter of the crown in a year.
            """
        ),
        (
            "Who pays for the repairs of a rented flat?",
            """
            The landlord keeps the flat in the condition agreed and bears the cost of repairs, unless the tenant has caused \
            the damage. Small repairs up to 100 euros each and 8 % of the yearly rent together may be put on the tenant by \
            contract. Defects are to be reported at once; whoever stays silent may lose the right to reduce the rent.
            """
        ),
        (
            "side effects of the vaccine",
            """
            Pain at the injection site was reported by 62 of 100 participants, tiredness by 31 and fever above 38 °C by 9, \
            mostly within two days and gone by the fourth. Serious events were as frequent as in the placebo group (0.4 % \
            and 0.5 %). The trial had 14,212 participants, followed for a median of 71 days.
            """
        ),
        (
            "how are tides predicted",
            """
            The tide at a port is the sum of some dozens of waves whose periods follow from the motions of moon and sun: \
            12.42 hours for the main lunar one, 12.00 for the solar, 24.07 and 25.82 for two daily ones. Their heights and \
            phases are fitted to a year of gauge readings. Wind and air pressure are not in the table: a storm adds a metre.
            """
        ),
        (
            "Is the export limited to 10,000 rows?",
            """
            CSV exports contain at most 50,000 rows; the button is grey above that, and the filter has to be narrowed. The \
            API has no such limit: GET /v2/orders?cursor=… returns 500 records a page and the cursor of the next. Exports \
            older than seven days are deleted from the download page.
            """
        ),
        (
            "recipe for lentil soup with lemon",
            """
            Soften two onions in olive oil, add 300 g red lentils, a teaspoon of cumin, a carrot in slices and 1.2 litres of \
            stock. Simmer for 20 minutes, blend half of it, and finish with the juice of a lemon, chilli and parsley. Serves \
            four; keeps three days in the refrigerator and freezes well.
            """
        ),
        (
            "train from the airport to the city centre at night",
            """
            Line S8 runs every twenty minutes between 4:10 and 1:10; the ride takes 41 minutes. At night bus N12 leaves from \
            stop 3 outside terminal B at 1:45, 2:45 and 3:45. A single ticket costs 6.20, a day ticket 13.00, and a taxi \
            about 70 depending on traffic.
            """
        ),
        (
            "Can I deduct a home office?",
            """
            A room that is used almost only for work may be deducted in full when it is the centre of all work. Otherwise a \
            flat rate of 6 euros for each day at home applies, up to 1,260 euros a year, desk in the bedroom included. \
            Furniture and computers come on top, those over 952 euros spread over their useful life.
            """
        ),
        (
            "What happened to the old town hall?",
            """
            The old town hall burned down in the night of 3 March 1748 with most of the records. Its successor, by a builder \
            from Ghent, used the cellar vaults and moved the tower to the west. In 1945 it lost its roof; the present one is \
            a copy of 1957. The bell, cast in 1512, hung in the church meanwhile and was never returned.
            """
        ),
        (
            "maximum load of the roof rack",
            """
            The roof rack carries 75 kg including the bars, which weigh 5.2 kg themselves. Distribute the load evenly, check \
            all four clamps after 50 km, and keep below 110 km/h. Fuel consumption rises by up to a fifth. Remove the rack \
            before an automatic car wash.
            """
        ),
        (
            "difference between TCP and UDP",
            """
            TCP sets up a connection, numbers every byte, sends again what was lost and slows down when the network is full. \
            UDP sends single datagrams: no handshake, no order, no promise that one arrives. Calls and games prefer UDP, \
            because a packet that comes late is worth nothing; files and web pages use TCP, or QUIC, which builds the same \
            promises on UDP.
            """
        ),
        (
            "How is a tie decided in the group stage?",
            """
            If two or more teams are equal on points, the following decide in this order: goal difference in all group \
            matches, goals scored, points in the matches between them, fewer yellow and red cards (−1 and −3), and a drawing \
            of lots. A play-off is not held.
            """
        ),
        (
            "symptoms of low magnesium in plants",
            """
            Yellow leaves with green veins, the oldest ones first, point to too little magnesium: the plant moves it from \
            old leaves to new. Iron shows the same picture on the youngest leaves. Much potassium in the soil makes it \
            worse. A spray of 20 g Epsom salt in a litre of water helps within two weeks.
            """
        ),
        (
            "the user must not be able to delete the last administrator",
            """
            REQ-114: An organisation has at least one administrator at all times. The system shall refuse to delete, \
            deactivate or demote the last one (HTTP 409, code last_admin) and shall name the way out: appoint another \
            administrator first. Test: two sessions demote each other at the same moment; exactly one succeeds.
            """
        ),
        (
            "Where did the violinist study?",
            """
            Born in a village near Kraków, she was given a half-size violin at five and played in public at nine. She \
            studied in Leipzig with a pupil of Joachim, then two years in Brussels. The recordings of 1929 to 1934, all made \
            in one room with one microphone, are still in print. She taught until she was eighty-two.
            """
        ),
        (
            "SELECT returns duplicate rows after a join",
            """
            A join gives one row for every matching pair: an order with three items stands there three times. Aggregate the \
            items first, SELECT order_id, SUM(price) FROM items GROUP BY order_id, and join the result; or ask with EXISTS \
            when nothing of the other table is wanted. DISTINCT hides the mistake, costs a sort, and makes the sums wrong \
            all the same.
            """
        ),
        (
            "yes or no: are minors allowed to sign up?",
            """
            No. You must be 18 or older, or of the age of majority where you live, to open an account. Accounts of younger \
            persons are closed when we learn of them, and their data are erased within 30 days.
            """
        ),
        (
            "price per kilogram of copper scrap",
            """
            Prices of 12 May, per kg, for deliveries over 100 kg: bright copper wire 7.90; copper pipe, clean 7.35; mixed \
            copper 7.05; cable with 40 % copper 2.60; brass 4.55; aluminium profiles 1.70; stainless steel V2A 1.15; lead \
            1.40. Identity card required.
            """
        ),
        (
            "What is the boiling point at 3000 metres?",
            """
            Water boils when its vapour pressure equals the pressure of the air. At 3,000 m that is about 701 hPa, and water \
            boils at 90 °C; on a peak of 8,800 m at 70 °C. An egg then needs ten minutes instead of seven, beans hardly \
            soften, and a pressure cooker pays for its weight.
            """
        ),
        (
            "lol my cat keeps knocking stuff off the table, why??",
            """
            ok so mine did this for MONTHS. it's attention: thing falls -> human jumps up -> best game ever!! what worked: \
            play 10 min before dinner, don't react (hard, i know), and put the breakable stuff away. also more climbing \
            spots. took ~3 weeks, now he only does it on sundays :)
            """
        ),
        (
            "opening hours",
            """
            Mon–Fri 9–18, Sat 10–14.
            """
        ),
        (
            "Which clause limits liability to the fees paid?",
            """
            12.3 Except for liability that cannot be limited by law, each party's total liability arising out of or in \
            connection with this Agreement, whether in contract, tort (including negligence) or otherwise, shall not exceed \
            the fees paid or payable in the twelve (12) months preceding the event giving rise to the claim. 12.4 Neither \
            party is liable for loss of profit or for indirect loss.
            """
        ),
        (
            "التأخر في الدفع",
            """
            إذا تأخر المستأجر عن دفع الإيجار أكثر من خمسة عشر يوما، جاز للمؤجر أن يطلب فسخ العقد بعد إنذاره كتابة. وتستحق عن \
            مدة التأخير فائدة قانونية.
            """
        ),
        (
            "steps to calibrate the pH probe",
            """
            1. Rinse the probe with distilled water and dab it dry. 2. Put it into buffer pH 7.00, wait for a stable value, \
            press CAL. 3. Repeat with pH 4.01 (or 10.01 for alkaline samples). 4. A slope between 92 and 102 % is good; \
            below, clean the glass in 0.1 M HCl. 5. Store the probe in 3 M KCl, never in distilled water.
            """
        ),
    ]
}
