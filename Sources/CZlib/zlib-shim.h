/* The system's zlib, whose headers CONTRIBUTING.md asks for: .docx files are compressed with it. */
#include <zlib.h>
