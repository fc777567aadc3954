#include "backup/gpg_status.hpp"

#include <string>

#include "snapshots/shell_lines.hpp"

namespace mox::backup {

namespace {

constexpr std::string_view line_start = "[GNUPG:] ";

/// What the lines have told until now.
struct Told {
    int begun = 0;       ///< BEGIN_DECRYPTION
    int ended = 0;       ///< END_DECRYPTION
    int decrypted = 0;   ///< DECRYPTION_OKAY
    int plaintexts = 0;  ///< PLAINTEXT: contents that were written out
    int outside = 0;     ///< ... that came from no encrypted message
    bool failed = false;
    bool is_protected = false;
    bool is_unprotected = false;
};

/// The first word of `text`, which loses it.
std::string_view take_word(std::string_view& text) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    return word;
}

bool is_used(std::string_view algorithm) {
    return !algorithm.empty() && algorithm != "0";
}

/// "DECRYPTION_INFO <mdc method> <cipher> [<AEAD algorithm>]"; 0: none. That an MDC was right is told by
/// GOODMDC. An AEAD cipher protects by itself, and a wrong tag is a failed decryption.
void take_information(Told& told, std::string_view rest) {
    const auto mdc = take_word(rest);
    take_word(rest);
    const auto aead = take_word(rest);
    if (is_used(aead))
        told.is_protected = true;
    else if (!is_used(mdc))
        told.is_unprotected = true;
}

void take(Told& told, std::string_view keyword, std::string_view rest) {
    if (keyword == "BEGIN_DECRYPTION") ++told.begun;
    if (keyword == "END_DECRYPTION") ++told.ended;
    if (keyword == "DECRYPTION_OKAY") ++told.decrypted;
    if (keyword == "PLAINTEXT") ++(told.begun == told.ended + 1 ? told.plaintexts : told.outside);
    if (keyword == "GOODMDC") told.is_protected = true;
    if (keyword == "DECRYPTION_INFO") take_information(told, rest);
    if (keyword == "DECRYPTION_FAILED" || keyword == "BADMDC") told.failed = true;
}

}  // namespace

Expected<void> check_decryption(std::string_view status_lines) {
    Told told;
    for (auto line : snapshots::lines_of(status_lines)) {
        if (!line.starts_with(line_start)) continue;
        line.remove_prefix(line_start.size());
        const auto keyword = take_word(line);
        take(told, keyword, line);
    }
    if (told.begun == 0)
        return fail(ErrorKind::medkit,
                    "it is not encrypted; take the export itself, or encrypt it with gpg -c");
    const bool is_decrypted = !told.failed && told.decrypted > 0;
    if (!is_decrypted && !told.is_unprotected)
        return fail(ErrorKind::medkit, "it cannot be decrypted: another password, or a damaged file");
    if (told.is_unprotected || !told.is_protected)
        return fail(ErrorKind::medkit,
                    "it has no integrity protection, so anything could be in it; encrypt it anew");
    const bool is_one = told.begun == 1 && told.ended == 1 && told.decrypted == 1 && told.plaintexts == 1;
    if (!is_one || told.outside > 0)
        return fail(ErrorKind::medkit,
                    "it is not one encrypted message, but several or something besides one");
    return {};
}

}  // namespace mox::backup
