import Foundation
import TestSupport
import Testing
import WinnowEvaluation

@Suite struct LengthProfileTests {
    private let profile = LengthProfile([5, 300, 20, 20, 64, 7, 256, 255, 19, 100])

    @Test func percentilesAreOfTheNearestRank() {
        // 5 7 19 20 20 64 100 255 256 300
        #expect(profile.percentile(0) == 5 && profile.percentile(0.1) == 5 && profile.percentile(0.11) == 7)
        #expect(profile.percentile(0.5) == 20 && profile.percentile(0.95) == 300 && profile.percentile(1) == 300)
        #expect(LengthProfile([]).percentile(0.5) == 0)
        #expect(profile.count == 10 && profile.total == 1046)
    }

    @Test func countsBesideALimit() {
        #expect(profile.count(over: 254) == 3 && profile.count(over: 300) == 0 && profile.count(over: -1) == 10)
        #expect(profile.count(under: 20) == 3 && profile.count(under: 5) == 0 && profile.count(under: 1000) == 10)
        #expect(profile.excess(over: 254) == 1 + 2 + 46 && profile.excess(over: 300) == 0)
    }

    @Test func histogramsCountEachOnce() {
        #expect(profile.histogram([20, 64, 128, 256]) == [3, 2, 2, 1, 2])
        #expect(profile.histogram([]) == [10])
    }
}

@Suite struct WritingSystemTests {
    @Test func englishHasItsWords() {
        let text = WritingSystem(
            "The refund is sent to the card that you paid with, and it may take up to ten days until it has arrived there."
        )
        #expect(text.shareOfOtherLetters == 0)
        #expect(text.shareOfFunctionWords > 0.35, "\(text.shareOfFunctionWords)")
    }

    @Test(arguments: [
        "Die Rückerstattung wird auf die Karte überwiesen, mit der Sie bezahlt haben, und kann bis zu zehn Tage dauern.",
        "Le remboursement est versé sur la carte avec laquelle vous avez payé et peut prendre jusqu'à dix jours ouvrés.",
        "El reembolso se envía a la tarjeta con la que usted pagó y puede tardar hasta diez días hábiles en llegar.",
        "Il rimborso viene inviato alla carta con cui avete pagato e possono passare fino a dieci giorni lavorativi.",
    ])
    func othersHaveThemNot(_ text: String) {
        let writing = WritingSystem(text)
        #expect(writing.words >= 15 && writing.shareOfOtherLetters == 0)
        #expect(writing.shareOfFunctionWords < 0.08, "\(writing.shareOfFunctionWords)")
        #expect(
            writing.shareOfOtherFunctionWords >= 0.08 || writing.shareOfAccented > 0.01,
            "\(writing.shareOfOtherFunctionWords) \(writing.shareOfAccented)")
    }

    @Test(arguments: [
        "func load(path: String, limit: Int) throws -> [Row] { let file = open(path); return file.rows.prefix(limit) }",
        "number,kind,wood,hall,country\n1,crate,oak,north,de\n2,cart,pine,south,es\n3,crate,ash,east,fr",
        "The refund is sent to the card that you paid with, and it may take up to ten days until it has arrived there.",
    ])
    func codeAndTablesAreOfNoOther(_ text: String) {
        let writing = WritingSystem(text)
        #expect(writing.otherFunctionWords == 0 && writing.accented == 0)
    }

    @Test(arguments: [
        ("Возврат средств", "Cyrillic"), ("返金は十日", "Han"), ("ありがとう", "Kana"), ("환불은", "Hangul"), ("استرداد", "Arabic"),
        ("החזר", "Hebrew"), ("επιστροφή", "Greek"), ("धनवापसी", "Indic"), ("คืนเงิน", "Thai or Lao"),
    ])
    func scriptsAreNamed(_ text: String, _ script: String) {
        let writing = WritingSystem(text)
        #expect((writing.others[script] ?? 0) > 0 && writing.shareOfOtherLetters > 0.5, "\(writing.others)")
    }

    @Test func accentsAreLatin() {
        let writing = WritingSystem("naïve façade Łódź Việt ﬁ")
        #expect(writing.letters > 0 && writing.others.isEmpty, "\(writing.others)")
        #expect(WritingSystem("123 !?").letters == 0 && WritingSystem("").shareOfFunctionWords == 0)
    }

    @Test func twoTextsAreAdded() {
        var both = WritingSystem("the cat")
        both.add(WritingSystem("и кот"))
        #expect(both.words == 2 && both.functionWords == 1 && both.others == ["Cyrillic": 4] && both.letters == 10)
    }
}

@Suite struct SavedLogitsTests {
    private func read(_ json: String) throws -> SavedLogits {
        let folder = try TemporaryFolder()
        return try SavedLogits(reading: try folder.write("saved.json", json))
    }

    @Test func readsTheRerankersLogits() throws {
        let saved = try read(
            #"{"schema":1,"kind":"evaluation","settings":{"initialK":20,"firstStage":"hybrid"},"systems":["#
                + #"{"name":"first stage","model":null,"queries":[{"id":"a","measures":{},"bestLogit":null}]},"#
                + #"{"name":"reranked","model":{"name":"m","fingerprint":"f","precision":"int8","kernels":"k","truncation":"t"},"#
                + #""queries":[{"id":"a","measures":{},"bestLogit":-1.5},{"id":"b","measures":{},"bestLogit":null},"#
                + #"{"id":"c","measures":{},"bestLogit":4}]}]}"#)
        #expect(saved.initialK == 20 && saved.firstStage == "hybrid" && saved.systems.count == 1)
        let system = try #require(saved.systems.first)
        #expect(system.name == "reranked" && system.logits == [-1.5, 4])
        #expect(system.fingerprint == "f" && system.precision == "int8" && system.truncation == "t")
    }

    @Test(arguments: [
        ("no json", "JSON"), ("{}", "no evaluation"), (#"{"kind":"evaluation","schema":99,"systems":[]}"#, "newer"),
        // As it was saved before logits were among it.
        (
            #"{"kind":"evaluation","schema":1,"systems":[{"name":"r","queries":[{"id":"a","measures":{}}]}]}"#,
            "no logits"
        ),
    ])
    func saysWhatIsWrong(_ json: String, _ reason: String) throws {
        let error = #expect(throws: EvaluationError.self) { try read(json) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func aFileThatIsNotThere() {
        #expect(throws: EvaluationError.self) { try SavedLogits(reading: "/no/such/file.json") }
    }
}
