#pragma once

#include <string>
#include <string_view>

namespace mox::medkit {

/// What a file is by its name: the part before `.sig`, `.sha256` or `.md5`.
enum class Ending {
    archive,       ///< .tar.gz, .tgz, .gz
    unpacked,      ///< .tar: a browser has taken the .gz away
    rescue_image,  ///< .fit.lzma
    none,          ///< something else
};

/// A file that stands beside another one.
enum class Companion { none, signature, sha256, md5 };

enum class NameState {
    usable,
    unfinished,  ///< a download that has not come to its end (.part, .crdownload, ...)
    hidden,      ///< a dotfile, such as macOS' `._NAME`
};

/// A file name as browsers, desktops and operating systems leave it, and what it was before.
struct FileName {
    std::string stem;  ///< without endings and marks, lower case: "mox-medkit-latest-extra"
    Ending ending = Ending::none;
    Companion companion = Companion::none;
    NameState state = NameState::usable;
    std::string mark;      ///< what tells copies apart: "1" of "X (1).tar.gz", "copy"; empty: not a copy
    bool altered = false;  ///< not the name that was published, letters of the other case aside
};

/// Reads a name. Pure. Taken away are
///   - copies' marks, before, between or behind the endings: " (1)", "(1)", "[1]", " - Copy", " (copy)",
///     " copy 2", "Copy of " (and "kopie"), and behind an ending also "-1" and ".1";
///   - endings that were added: .txt, .html, .htm, .bin, a second .gz, blanks and dots at the end;
///   - .tgz and .gz are .tar.gz, .sha256sum and .md5sum are .sha256 and .md5.
/// "-1" at the end of the stem is no mark: `schnapps export` writes such names.
[[nodiscard]] FileName read_file_name(std::string_view name);

/// Text with the letters A to Z made small, in every locale.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace mox::medkit
