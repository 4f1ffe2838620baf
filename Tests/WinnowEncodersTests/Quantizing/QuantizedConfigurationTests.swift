import Foundation
import TestSupport
import Testing
import WinnowEncoders

@Suite struct QuantizedConfigurationTests {
    private func text(_ original: String) throws -> String {
        try QuantizedConfiguration.text(
            of: ModelBytes(leaking: Data(original.utf8)), ignored: ["classifier"], location: "config.json")
    }

    @Test func keysStayInTheirOrderAndNumbersAsTheyAre() throws {
        let found = try text(
            #"{"b": 1e-12, "torch_dtype": "float16", "a": {"x": [1, -2.5, null, true, []]}, "é": "\"ü\""}"#)
        let lines = found.split(separator: "\n").map(String.init)
        #expect(lines.prefix(4) == ["{", #"  "b": 1e-12,"#, #"  "a": {"#, #"    "x": ["#])
        #expect(found.contains(#""é": "\"ü\"""#) && !found.contains("torch_dtype") && !found.contains("float16"))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(found.utf8)) as? [String: Any])
        #expect(Set(json.keys) == ["b", "a", "é", "dtype", "quantization_config"])
        #expect(json["dtype"] as? String == "float32")
        #expect((json["a"] as? NSDictionary) == ["x": [1, -2.5, NSNull(), true, [] as NSArray]])
    }

    /// The scheme is the one of the fixture that was made beside transformers, but for the table that also stays floats there.
    @Test func theSchemeIsCompressedTensors() throws {
        let json = try #require(try JSONSerialization.jsonObject(with: Data(try text("{}").utf8)) as? [String: Any])
        let fixture = try #require(
            try JSONSerialization.jsonObject(with: Fixtures.data("tiny-cross-encoder-int8/config.json"))
                as? [String: Any])
        #expect(json["quantization_config"] as? NSDictionary == fixture["quantization_config"] as? NSDictionary)
    }

    @Test(arguments: ["", "[1]", "{", #"{"a": 1} x"#])
    func whatIsNoObjectIsRefused(original: String) {
        #expect(throws: ModelError.self) { try text(original) }
    }
}
