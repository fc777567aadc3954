#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"

namespace mox::test_support {

/// What a person who re-flashes a router has on the table: a signed medkit in a folder, keys, and room for
/// images in memory. Everything throws on failure; make it before any thread is started.
class RescueTable {
public:
    explicit RescueTable(TarFormat format = TarFormat::posix);

    /// A folder for images; gone at the end.
    [[nodiscard]] const RamFolder& folder() const { return folder_; }
    /// A folder on a file system that keeps xattrs of every kind.
    [[nodiscard]] std::filesystem::path workshop() const { return workshop_.path(); }
    /// The directory of trusted keys.
    [[nodiscard]] std::filesystem::path keys() const { return workshop_ / "keys"; }
    [[nodiscard]] const SigningKey& key() const { return key_; }

    /// The unpacked system that the medkit was made of.
    [[nodiscard]] std::filesystem::path tree() const { return workshop_ / "tree"; }
    /// Holds the medkit, its .sha256 and its .sig, and nothing else.
    [[nodiscard]] std::filesystem::path content() const { return workshop_ / "content"; }
    [[nodiscard]] std::filesystem::path medkit() const { return content() / "mox-medkit-latest.tar.gz"; }
    /// What GNU tar makes of the medkit (describe_medkit).
    [[nodiscard]] const std::string& description() const { return description_; }

private:
    RamFolder folder_;
    MountedImage workshop_;
    SigningKey key_;
    std::string description_;
};

/// Runs `PROGRAM run 4 --yes --json` on block devices. Throws if it cannot be run or never ends; a failure of
/// the program is a result. The output is that of stdout and stderr.
[[nodiscard]] ChildResult run_mode_4(const std::filesystem::path& program, const std::filesystem::path& keys,
                                     const std::filesystem::path& card,
                                     const std::optional<std::filesystem::path>& drive,
                                     const std::vector<std::string>& more = {});

/// The same on images, which are attached while it runs.
[[nodiscard]] ChildResult run_mode_4_on_images(const std::filesystem::path& program,
                                               const std::filesystem::path& keys,
                                               const std::filesystem::path& card,
                                               const std::optional<std::filesystem::path>& stick,
                                               const std::vector<std::string>& more = {});

}  // namespace mox::test_support
