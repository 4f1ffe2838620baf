import Foundation

/// The smallest PDFs that show lines of text: one font, one size, a line under the other.
public enum TestPDF {
    /// - Parameter pages: the lines of each page, in ASCII or ISO-8859-1; an empty line leaves a gap.
    public static func document(_ pages: [[String]]) -> [UInt8] {
        var objects: [String] = []
        let kids = pages.indices.map { "\(4 + 2 * $0) 0 R" }.joined(separator: " ")
        objects.append("<< /Type /Catalog /Pages 2 0 R >>")
        objects.append("<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>")
        objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
        for (index, lines) in pages.enumerated() {
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents \(5 + 2 * index) 0 R "
                    + "/Resources << /Font << /F1 3 0 R >> >> >>")
            var stream = "BT /F1 11 Tf 14 TL 60 740 Td\n"
            for line in lines { stream += "(\(escaped(line))) Tj T*\n" }
            stream += "ET"
            objects.append("<< /Length \(stream.utf16.count) >>\nstream\n\(stream)\nendstream")
        }
        var bytes: [UInt8] = Array("%PDF-1.4\n".utf8)
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(bytes.count)
            bytes += latin1("\(index + 1) 0 obj\n\(object)\nendobj\n")
        }
        let table = bytes.count
        bytes += latin1("xref\n0 \(objects.count + 1)\n0000000000 65535 f \n")
        for offset in offsets { bytes += latin1(String(format: "%010d 00000 n \n", offset)) }
        bytes += latin1("trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(table)\n%%EOF\n")
        return bytes
    }

    private static func escaped(_ line: String) -> String {
        line.reduce(into: "") { $0 += "()\\".contains($1) ? "\\\($1)" : String($1) }
    }

    private static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    /// The program that reads PDFs, where it is installed.
    public static var hasReader: Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: $0 + "/pdftotext")
        }
    }
}
