#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "console/reporter.hpp"
#include "medkit/piece_compressor.hpp"

namespace mox::cli {

// The subcommands of `medkit`. Each returns the text for standard output; the kind of an Error is the exit
// status.

struct InspectMedkit {
    std::filesystem::path archive;
    std::optional<std::filesystem::path> board = {};  ///< board file; the Turris MOX without it
    bool json = false;
};

struct VerifyMedkit {
    std::filesystem::path archive;
    std::filesystem::path keys;
    std::optional<std::filesystem::path> board = {};  ///< as of InspectMedkit
    bool signature_required = false;
    bool json = false;
};

struct PackMedkit {
    std::filesystem::path directory;
    std::filesystem::path output;
    std::optional<std::filesystem::path> key;
    std::optional<std::filesystem::path> board = {};  ///< as of InspectMedkit
    medkit::CompressionLevel level{};
    bool json = false;
};

struct GenerateKey {
    /// Writes NAME.pub and NAME.sec; without it the secret key is written into `directory`.
    std::optional<std::filesystem::path> name;
    /// A directory of keys: the public key is also written there, named by its number.
    std::optional<std::filesystem::path> directory;
    std::string comment;
    bool force = false;
};

struct SignFile {
    std::filesystem::path key;
    std::filesystem::path file;
    std::optional<std::filesystem::path> output;  ///< FILE.sig without it
};

struct GetMedkit {
    std::optional<std::string> medkit;  ///< its name on the server, or its URL; the latest one without it
    std::filesystem::path directory;
    std::optional<std::string> server;  ///< URL of a directory; that of the board without it
    std::filesystem::path keys;
    std::optional<std::filesystem::path> board = {};  ///< as of InspectMedkit
    bool is_unsigned = false;                         ///< a checksum will do
    bool json = false;
};

struct StickMedkit {
    std::filesystem::path target;                 ///< a disk, a partition, or a directory
    std::optional<std::filesystem::path> medkit;  ///< the best one of the current directory without it
    std::filesystem::path keys;
    std::optional<std::filesystem::path> board = {};  ///< as of InspectMedkit
    bool fixed_disk = false;                          ///< a disk that is not removable is accepted
    bool confirmed = false;
    bool json = false;
};

[[nodiscard]] Expected<std::string> run(const InspectMedkit& command, const ByteProgress& progress);
[[nodiscard]] Expected<std::string> run(const VerifyMedkit& command, const ByteProgress& progress);
[[nodiscard]] Expected<std::string> run(const PackMedkit& command, const ByteProgress& progress);
[[nodiscard]] Expected<std::string> run(const GenerateKey& command);
[[nodiscard]] Expected<std::string> run(const SignFile& command);

// These take long, and tell on the console what they do.
[[nodiscard]] Expected<std::string> run(const GetMedkit& command, console::Reporter& reporter);
[[nodiscard]] Expected<std::string> run(const StickMedkit& command, console::Reporter& reporter);

}  // namespace mox::cli
