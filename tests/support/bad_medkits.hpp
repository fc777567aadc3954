#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "support/medkit_factory.hpp"

namespace mox::test_support {

/// The root folder of a stick that is being filled, and who signs.
struct StickContent {
    std::filesystem::path folder;
    SigningKey trusted;   ///< its public key is among the router's keys
    SigningKey stranger;  ///< its is not

    /// The one name that most medkits have.
    [[nodiscard]] std::filesystem::path medkit() const { return folder / "mox-medkit-latest.tar.gz"; }
};

/// A stick that must not be flashed from.
struct BadMedkit {
    std::string name;  ///< of the test
    std::function<void(const StickContent&)> put;
    std::string reason;  ///< a part of the message that only this one has
    std::vector<std::string> options = {};
};

/// A stick whose medkit is taken although something about it is unusual.
struct OddMedkit {
    std::string name;
    std::function<void(const StickContent&)> put;
    std::string said;  ///< a part of what the program says about it
    std::vector<std::string> options = {};
};

void PrintTo(const BadMedkit& medkit, std::ostream* out);
void PrintTo(const OddMedkit& medkit, std::ostream* out);

/// Version of every medkit in here.
inline constexpr const char* odd_version = "9.0.1";

/// What stands beside the archive is wrong: checksums and signatures.
[[nodiscard]] std::vector<BadMedkit> medkits_that_nobody_vouches_for();
/// The gzip file or the tar archive in it is broken.
[[nodiscard]] std::vector<BadMedkit> broken_archives();
/// Whole archives with a member that must not be unpacked.
[[nodiscard]] std::vector<BadMedkit> malicious_archives();
/// Whole and harmless, but no system for this router.
[[nodiscard]] std::vector<BadMedkit> useless_medkits();

/// Names that browsers and systems make, none of which is a medkit's; signatures that do not match, under
/// such names. Each is named in the message.
[[nodiscard]] std::vector<BadMedkit> medkits_with_useless_names();

/// Good ones under such names. They are accepted.
[[nodiscard]] std::vector<OddMedkit> medkits_with_changed_names();

/// They are accepted.
[[nodiscard]] std::vector<OddMedkit> odd_medkits();

}  // namespace mox::test_support
