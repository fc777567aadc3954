#pragma once

#include <string>
#include <string_view>

namespace mox::medkit {

/// The kind of a file by its name, without `.sig`, `.sha256` or `.md5`.
enum class Ending {
    archive,       ///< .tar.gz, .tgz, .gz
    unpacked,      ///< .tar: a browser has unpacked the .gz
    rescue_image,  ///< .fit.lzma
    none,          ///< another ending
};

/// The kind of a file that authenticates the file beside it.
enum class Companion { none, signature, sha256, md5 };

enum class NameState {
    usable,
    unfinished,  ///< an incomplete download (.part, .crdownload, ...)
    hidden,      ///< a dotfile, such as macOS' `._NAME`
};

/// A file name that a browser, desktop or operating system may have changed, split into its parts.
struct FileName {
    std::string stem;  ///< without endings and marks, lower case: "mox-medkit-latest-extra"
    Ending ending = Ending::none;
    Companion companion = Companion::none;
    NameState state = NameState::usable;
    std::string mark;      ///< distinguishes copies: "1" of "X (1).tar.gz", "copy"; empty: not a copy
    bool altered = false;  ///< not the published name, apart from letters of the other case
};

/// Parses a name. Pure. It
///   - removes marks of copies, before, between or after the endings: " (1)", "(1)", "[1]", " - Copy",
///     " (copy)", " copy 2", "Copy of " (and "kopie"), and after an ending also "-1" and ".1";
///   - removes added endings: .txt, .html, .htm, .bin, a second .gz, blanks and dots at the end;
///   - reads .tgz and .gz as .tar.gz, .sha256sum and .md5sum as .sha256 and .md5.
/// "-1" at the end of the stem is not a mark: `schnapps export` writes such names.
[[nodiscard]] FileName read_file_name(std::string_view name);

/// The text with the letters A to Z in lower case, in every locale.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace mox::medkit
