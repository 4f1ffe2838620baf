import Testing
import WinnowEvaluation

@Suite struct MeasureTests {
    @Test(arguments: [
        ("nDCG@10", "nDCG@10"), ("ndcg@10", "nDCG@10"), ("NDCG_cut_10", "nDCG@10"), ("ndcg_cut.10", "nDCG@10"),
        ("nDCG", "nDCG"), ("ndcg_5", "nDCG@5"), (" nDCG @ 10 ", "nDCG@10"),
        ("nDCG(gain=exp)@10", "nDCG(gain=exp)@10"), ("nDCG(dcg='exp-log2')@10", "nDCG(gain=exp)@10"),
        ("nDCG(gain=linear)", "nDCG"), ("nDCG(judged_only=True)@10", "nDCG(judged_only=True)@10"),
        ("nDCG(judged_only=false)@10", "nDCG@10"), ("nDCG()@10", "nDCG@10"),
        ("MRR@10", "RR@10"), ("rr", "RR"), ("recip_rank", "RR"), ("RR(rel=2)@5", "RR(rel=2)@5"),
        ("MAP", "AP"), ("map_cut_100", "AP@100"), ("AP(rel=2)@100", "AP(rel=2)@100"), ("AP(rel=1)@100", "AP@100"),
        ("AP(rel=2, judged_only=True)", "AP(judged_only=True,rel=2)"),
        ("Precision@5", "P@5"), ("P_5", "P@5"), ("Recall@100", "R@100"), ("recall_100", "R@100"), ("r@1", "R@1"),
        ("HitRate@5", "Success@5"), ("success_1", "Success@1"), ("RPREC", "Rprec"), ("bpref", "Bpref"),
        ("Bpref(rel=2)", "Bpref(rel=2)"), ("judged@10", "Judged@10"), ("Judged", "Judged"), ("set_recall", "SetR"),
        ("SetR(rel=3)", "SetR(rel=3)"), ("R@1000000", "R@1000000"),
    ])
    func namesAreRead(text: String, name: String) throws {
        let measure = try Measure(parsing: text)
        #expect(measure.name == name)
        #expect(try Measure(parsing: name) == measure)
    }

    @Test(arguments: [
        ("nDGC@10", "did you mean nDCG@10?"), ("ndcg10", "did you mean nDCG@10?"), ("recal@50", "did you mean R@50?"),
        ("mr@3", "did you mean"), ("bprf", "did you mean Bpref?"), ("sucess@5", "did you mean Success@5?"),
        ("faithfulness", "Known are nDCG[@k], RR[@k], AP[@k], P@k, R@k, Success@k, Rprec, Bpref, Judged[@k], SetR"),
        ("", "name is missing"), ("@10", "name is missing"), ("AP(rel=2", "not closed"), ("AP(rel=2@10", "not closed"),
        ("AP(2)@10", "not of the form parameter=value"),
        ("nDCG@0", "from 1"), ("nDCG@-1", "from 1"), ("nDCG@", "from 1"), ("nDCG@ten", "from 1"), ("nDCG@+5", "from 1"),
        ("nDCG@1000001", "from 1"), ("nDCG@99999999999999999999", "from 1"), ("nDCG@10.5", "from 1"),
        ("P", "P needs a cutoff"), ("R", "SetR"), ("Success", "Success needs a cutoff"),
        ("Rprec@10", "Rprec has no cutoff"), ("Bpref@10", "has no cutoff"), ("SetR@10", "R@10"),
        ("AP(rel=0)", "from 1 on"), ("AP(rel=x)", "from 1 on"), ("nDCG(rel=2)@10", "the grades themselves"),
        ("Judged(rel=2)", "it has none"), ("AP(gain=exp)", "AP has no parameter 'gain'"),
        ("nDCG(gain=cubic)", "linear or exp"), ("nDCG(dcg=x)", "exp-log2"),
        ("nDCG(judged_only=maybe)", "True or False"),
        ("Bpref(judged_only=True)", "no parameter"), ("P(beta=2)@5", "no parameter 'beta'"),
    ])
    func faultsAreNamed(text: String, message: String) {
        do {
            let measure = try Measure(parsing: text)
            Issue.record("read as \(measure)")
        } catch {
            #expect("\(error)".contains(message), "\(error)")
        }
    }

    @Test func listsAreRead() throws {
        let list = try Measure.list(parsing: "nDCG@10, RR@10 AP(rel=2,judged_only=True)@5;ndcg_cut_10\nP@5")
        #expect(list.map(\.name) == ["nDCG@10", "RR@10", "AP(judged_only=True,rel=2)@5", "P@5"])
        for text in ["", " , ;"] {
            #expect(throws: EvaluationError.measure(.noneNamed)) { try Measure.list(parsing: text) }
        }
    }

    @Test func cutoffsDeeperThanTheListsAreRefused() throws {
        let measure = try Measure(parsing: "R@100")
        try measure.refuse(deeperThan: 100, of: "dense")
        #expect {
            try measure.refuse(deeperThan: 99, of: "dense")
        } throws: {
            "\($0)".contains("R@100") && "\($0)".contains("'dense'") && "\($0)".contains("99")
        }
        try Measure(parsing: "AP").refuse(deeperThan: 1, of: "dense")
        let shallow = Measure.defaults(depth: 5)
        #expect(shallow.allSatisfy { ($0.cutoff ?? 0) <= 5 } && Set(shallow).count == shallow.count)
        #expect(shallow.first?.name == "nDCG@5")
        #expect(Measure.defaults().first == .primaryDefault)
        #expect(Measure.primaryDefault.name == "nDCG@10")
    }

    @Test func condensedIsTheSameMeasureOnFewerDocuments() throws {
        #expect(Measure.primaryDefault.condensed?.name == "nDCG(judged_only=True)@10")
        #expect(Measure.primaryDefault.condensed?.condensed == Measure.primaryDefault.condensed)
        #expect(try Measure(.bpref).condensed == nil)
    }
}
