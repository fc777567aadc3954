#include <algorithm>
#include <cctype>
#include <filesystem>
#include <ostream>
#include <string>

#include "support/bad_medkits.hpp"
#include "support/loop_image.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

void put_good(const fs::path& archive) {
    write_file(archive, gzip(minimal_medkit(odd_version).finished()));
}

void put_good(const StickContent& stick) {
    put_good(stick.medkit());
}

fs::path beside(const StickContent& stick, const std::string& suffix) {
    return stick.medkit().native() + suffix;
}

std::string sha256(const StickContent& stick) {
    return hex_by("sha256sum", stick.medkit());
}
std::string md5(const StickContent& stick) {
    return hex_by("md5sum", stick.medkit());
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// The same text with its first digit changed.
std::string one_digit_off(std::string hex) {
    hex.front() = hex.front() == '0' ? '1' : '0';
    return hex;
}

/// Puts a good medkit and, beside it, a .sha256 of the given text.
auto with_sha256(std::string (*text)(const StickContent&)) {
    return [text](const StickContent& stick) {
        put_good(stick);
        write_file(beside(stick, ".sha256"), text(stick));
    };
}

auto with_md5(std::string (*text)(const StickContent&)) {
    return [text](const StickContent& stick) {
        put_good(stick);
        write_file(beside(stick, ".md5"), text(stick));
    };
}

auto with_signature(std::string (*text)(const StickContent&)) {
    return [text](const StickContent& stick) {
        put_good(stick);
        sign_beside(stick.medkit(), stick.trusted);
        write_file(beside(stick, ".sig"), text(stick));
    };
}

void sign_something_else(const StickContent& stick) {
    write_file(stick.medkit(), "something else");
    sign_beside(stick.medkit(), stick.trusted);
    put_good(stick);
}

auto signed_as(const std::string& name) {
    return [name](const StickContent& stick) {
        put_good(stick.folder / name);
        sign_beside(stick.folder / name, stick.trusted);
    };
}

}  // namespace

void PrintTo(const BadMedkit& medkit, std::ostream* out) {
    *out << medkit.name;
}
void PrintTo(const OddMedkit& medkit, std::ostream* out) {
    *out << medkit.name;
}

std::vector<BadMedkit> medkits_that_nobody_vouches_for() {
    return {
        {"WrongSha256",
         with_sha256([](const StickContent& stick) { return one_digit_off(sha256(stick)) + "\n"; }),
         "mox-medkit-latest.tar.gz: SHA-256 does not match mox-medkit-latest.tar.gz.sha256"},
        {"WrongMd5", with_md5([](const StickContent& stick) { return one_digit_off(md5(stick)) + "\n"; }),
         "mox-medkit-latest.tar.gz: MD5 does not match mox-medkit-latest.tar.gz.md5"},
        {"WrongSignature", sign_something_else,
         "signature mox-medkit-latest.tar.gz.sig does not match (key "},
        {"WrongSignatureWithRightChecksum",
         [](const StickContent& stick) {
             sign_something_else(stick);
             write_sha256_beside(stick.medkit());
         },
         "although the checksum does: it is not the file that was signed"},
        {"UnknownKey",
         [](const StickContent& stick) {
             put_good(stick);
             sign_beside(stick.medkit(), stick.stranger);
         },
         "which is not trusted here"},
        {"SignatureCutOff", with_signature([](const StickContent& stick) {
             const auto whole = read_file(beside(stick, ".sig"));
             return whole.substr(0, whole.size() / 2 + 20);
         }),
         "mox-medkit-latest.tar.gz.sig: is not a signature file: its second line is not base64"},
        {"SignatureIsAWebPage", with_signature([](const StickContent&) -> std::string {
             return "<html>\n404 not found\n</html>\n";
         }),
         "mox-medkit-latest.tar.gz.sig: is not a signature file: it does not start with"},
        {"SignatureIsEmpty", with_signature([](const StickContent&) { return std::string{}; }),
         "mox-medkit-latest.tar.gz.sig is empty (0 bytes)"},
        {"NoSignatureWhereOneIsRequired",
         with_sha256([](const StickContent& stick) { return sha256(stick) + "\n"; }),
         "has no signature beside it, and this router takes signed medkits only",
         {"--require-signature"}},
        {"Sha256FileIsEmpty", with_sha256([](const StickContent&) { return std::string{}; }),
         "mox-medkit-latest.tar.gz.sha256 is empty (0 bytes)"},
        {"Sha256FileHoldsAnMd5", with_sha256([](const StickContent& stick) { return md5(stick) + "\n"; }),
         "holds no SHA-256 (64 hexadecimal digits) but an MD5"},
        {"Sha256FileIsAWebPage",
         with_sha256([](const StickContent&) -> std::string { return "<html>404</html>\n"; }),
         "mox-medkit-latest.tar.gz.sha256: holds no SHA-256"},
        {"Md5FileIsADirectory",
         [](const StickContent& stick) {
             put_good(stick);
             fs::create_directory(beside(stick, ".md5"));
         },
         "mox-medkit-latest.tar.gz.md5 is a directory, not a file"},
        {"ExtraWithWrongSha256",
         [](const StickContent& stick) {
             put_good(stick);
             sign_beside(stick.medkit(), stick.trusted);
             const auto extra = stick.folder / "mox-medkit-latest-extra.tar.gz";
             write_file(extra, gzip(TarBuilder{}.file("./etc/mine", "mine\n").finished()));
             write_file(extra.native() + ".sha256", one_digit_off(hex_by("sha256sum", extra)) + "\n");
         },
         "mox-medkit-latest-extra.tar.gz: SHA-256 does not match"},
    };
}

std::vector<OddMedkit> odd_medkits() {
    const std::string hashed = "NOT SIGNED; its checksum matches";
    const std::string is_signed = "signed by trusted key";
    return {
        {"NothingBesideIt", [](const StickContent& stick) { put_good(stick); },
         "NOT VERIFIED: no signature and no checksum file"},
        {"Sha256WithCrLf", with_sha256([](const StickContent& stick) {
             return sha256(stick) + "  mox-medkit-latest.tar.gz\r\n";
         }),
         hashed},
        {"Sha256InUpperCase", with_sha256([](const StickContent& stick) {
             return upper(sha256(stick)) + "  mox-medkit-latest.tar.gz\n";
         }),
         hashed},
        {"Sha256OfAnotherName", with_sha256([](const StickContent& stick) {
             return sha256(stick) + "  mox-medkit-202611221524.tar.gz\n";
         }),
         hashed},
        {"Sha256WithoutName", with_sha256([](const StickContent& stick) { return sha256(stick); }), hashed},
        {"Sha256OfABinaryFile", with_sha256([](const StickContent& stick) {
             return sha256(stick) + " *mox-medkit-latest.tar.gz\n";
         }),
         hashed},
        {"Md5WithCrLfInUpperCase", with_md5([](const StickContent& stick) {
             return upper(md5(stick)) + " *mox-medkit-latest.tar.gz\r\n";
         }),
         hashed},
        {"BlanksAndBracketsInTheName", signed_as("mox-medkit-latest (1) [copy].tar.gz"), is_signed},
        {"NameWithADate", signed_as("mox-medkit-202611221524.tar.gz"), is_signed},
        {"NameTheOtherWayRound", signed_as("medkit-mox-1.tar.gz"), is_signed},
        {"NameOfABackup", signed_as("mox-medkit-my.router-3.tar.gz"), is_signed},
        {"NameInUpperCase", signed_as("MOX-MEDKIT-LATEST.TAR.GZ"), is_signed},
        {"ContractVariant",
         signed_as("mox-medkit-contract-town-latest.tar.gz"),
         is_signed,
         {"--variant", "-contract-town"}},
        {"ABadOneBesideAGoodOne",
         [](const StickContent& stick) {
             write_file(stick.folder / "mox-medkit-203012312359.tar.gz", "no gzip");
             sign_beside(stick.folder / "mox-medkit-203012312359.tar.gz", stick.trusted);
             signed_as("mox-medkit-202611221524.tar.gz")(stick);
         },
         "is not a gzip file"},
    };
}

}  // namespace mox::test_support
