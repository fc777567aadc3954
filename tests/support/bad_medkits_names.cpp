#include <filesystem>
#include <string>

#include "support/bad_medkits.hpp"
#include "support/loop_image.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

std::string good_archive() {
    return gzip(minimal_medkit(odd_version).finished());
}

/// A medkit that was signed under the name it was published by; then archive and signature got other names.
auto renamed(const std::string& archive, const std::string& signature, bool by_trusted_key = true) {
    return [=](const StickContent& stick) {
        write_file(stick.medkit(), good_archive());
        sign_beside(stick.medkit(), by_trusted_key ? stick.trusted : stick.stranger);
        fs::rename(stick.medkit().native() + ".sig", stick.folder / signature);
        fs::rename(stick.medkit(), stick.folder / archive);
    };
}

/// A signature of other bytes, by the trusted key.
auto with_wrong_signature(const std::string& archive, const std::string& signature) {
    return [=](const StickContent& stick) {
        write_file(stick.medkit(), "other bytes");
        sign_beside(stick.medkit(), stick.trusted);
        fs::rename(stick.medkit().native() + ".sig", stick.folder / signature);
        fs::remove(stick.medkit());
        write_file(stick.folder / archive, good_archive());
    };
}

auto only(const std::string& name) {
    return [=](const StickContent& stick) { write_file(stick.folder / name, good_archive()); };
}

}  // namespace

std::vector<OddMedkit> medkits_with_changed_names() {
    const std::string is_signed = "signed by trusted key";
    return {
        {"ASecondDownloadByChrome",
         renamed("mox-medkit-latest.tar (1).gz", "mox-medkit-latest.tar.gz (1).sig"), is_signed},
        {"ASecondDownloadBesideTheFirstSignature",
         renamed("mox-medkit-latest (1).tar.gz", "mox-medkit-latest.tar.gz.sig"), is_signed},
        {"ASecondSignature", renamed("mox-medkit-latest.tar.gz", "mox-medkit-latest.tar.gz (1).sig"),
         is_signed},
        {"ASignatureAsText", renamed("mox-medkit-latest.tar.gz", "mox-medkit-latest.tar.gz.sig.txt"),
         is_signed},
        {"Tgz", renamed("mox-medkit-latest.tgz", "mox-medkit-latest.tar.gz.sig"), is_signed},
        {"GzTwice", renamed("mox-medkit-latest.tar.gz.gz", "mox-medkit-latest.tar.gz.sig"), is_signed},
        {"SafarisCounter", renamed("mox-medkit-latest-1.tar.gz", "mox-medkit-latest.tar.gz.sig"), is_signed},
        {"AllInCapitals", renamed("MOX-MEDKIT-LATEST.TAR.GZ", "MOX-MEDKIT-LATEST.TAR.GZ.SIG"), is_signed},
        {"CapitalsBesideSmallLetters", renamed("MOX-MEDKIT-LATEST.TGZ", "mox-medkit-latest.tar.gz (1).sig"),
         is_signed},
        {"ChecksumAsText",
         [](const StickContent& stick) {
             only("mox-medkit-latest.tar (1).gz")(stick);
             write_file(stick.folder / "mox-medkit-latest.tar.gz.sha256.txt",
                        hex_by("sha256sum", stick.folder / "mox-medkit-latest.tar (1).gz") +
                            "  mox-medkit-latest.tar.gz\n");
         },
         "NOT SIGNED; its checksum matches"},
        {"WhatMacOsLeavesBesideIt",
         [](const StickContent& stick) {
             renamed("mox-medkit-latest.tar.gz", "mox-medkit-latest.tar.gz.sig")(stick);
             write_file(stick.folder / "._mox-medkit-latest.tar.gz", "AppleDouble");
             write_file(stick.folder / "._mox-medkit-latest.tar.gz.sig", "AppleDouble");
             write_file(stick.folder / ".DS_Store", "Bud1");
         },
         is_signed},
        {"AnUnpackedOneBesideIt",
         [](const StickContent& stick) {
             renamed("mox-medkit-latest (1).tar.gz", "mox-medkit-latest.tar.gz.sig")(stick);
             write_file(stick.folder / "mox-medkit-latest.tar", "tar");
         },
         "mox-medkit-latest.tar looks like a medkit, but is unpacked"},
    };
}

std::vector<BadMedkit> medkits_with_useless_names() {
    return {
        {"UnpackedByABrowser", only("mox-medkit-latest.tar"),
         "mox-medkit-latest.tar looks like a medkit, but is unpacked"},
        {"UnfinishedInFirefox", only("mox-medkit-latest.tar.gz.part"),
         "tar.gz.part looks like a medkit, but is an unfinished download"},
        {"UnfinishedInChrome", only("mox-medkit-latest.tar.gz.crdownload"),
         "crdownload looks like a medkit, but is an unfinished download"},
        {"UnfinishedInSafari",
         [](const StickContent& stick) {
             fs::create_directory(stick.folder / "mox-medkit-latest.tar.gz.download");
         },
         "download looks like a medkit, but is an unfinished download"},
        {"OnlyWhatMacOsKeeps", only("._mox-medkit-latest.tar.gz"),
         "holds only metadata of macOS about the file"},
        {"ForAnotherRouter", only("omnia-medkit-latest.tar.gz"), "its name does not begin with mox-medkit"},
        {"Zip", only("mox-medkit-latest.zip"),
         "mox-medkit-latest.zip looks like a medkit, but its name does not end"},
        {"UnpackedIntoAFolder",
         [](const StickContent& stick) { fs::create_directory(stick.folder / "mox-medkit-latest"); },
         "mox-medkit-latest looks like a medkit, but is a directory"},
        {"OnlyTheSignature", only("mox-medkit-latest.tar.gz.sig"),
         "is the signature of a medkit that is not here"},
        {"AWrongSignatureAsText",
         with_wrong_signature("mox-medkit-latest.tar.gz", "mox-medkit-latest.tar.gz.sig.txt"),
         "signature mox-medkit-latest.tar.gz.sig.txt does not match"},
        {"AWrongSignatureOfTheFirstDownload",
         with_wrong_signature("mox-medkit-latest (1).tar.gz", "mox-medkit-latest.tar.gz.sig"),
         "signature mox-medkit-latest.tar.gz.sig does not match"},
        {"AWrongSecondSignature",
         with_wrong_signature("mox-medkit-latest.tar.gz", "mox-medkit-latest.tar.gz (1).sig"),
         "signature mox-medkit-latest.tar.gz (1).sig does not match"},
        {"AWrongSignatureInCapitals",
         with_wrong_signature("mox-medkit-latest.tgz", "MOX-MEDKIT-LATEST.TAR.GZ.SIG"),
         "signature MOX-MEDKIT-LATEST.TAR.GZ.SIG does not match"},
        {"AnUnfinishedSignature",
         [](const StickContent& stick) {
             only("mox-medkit-latest.tar.gz")(stick);
             write_file(stick.folder / "mox-medkit-latest.tar.gz.sig.part", "untrusted com");
         },
         "mox-medkit-latest.tar.gz.sig.part: "},
        {"AStrangersSignatureAsText",
         renamed("mox-medkit-latest.tar (1).gz", "mox-medkit-latest.tar.gz.sig.txt", false),
         "mox-medkit-latest.tar.gz.sig.txt: "},
    };
}

}  // namespace mox::test_support
