#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "support/rescue_run_loop.hpp"

namespace mox::test_support {

/// Re-flashes that take a fraction of a second: a medkit of some thirty entries of every kind on a stick, and
/// a card with a small old system. For tests that need hundreds of them. Everything throws on failure.
class SmallReflash {
public:
    SmallReflash();

    [[nodiscard]] const RamFolder& folder() const { return folder_; }
    [[nodiscard]] const std::filesystem::path& stick() const { return stick_; }

    /// What GNU tar makes of the medkit (describe_medkit).
    [[nodiscard]] const std::string& new_system() const { return new_system_; }

    /// Writes the card to `image`: `@`, `@factory`, `@1` and `@2` with info files, `boot.scr`; a user's
    /// subvolume besides.
    void put_card(const std::filesystem::path& image) const;

    /// `PROGRAM run MODE --yes` on a card and a stick; `environment` as "NAME=value".
    [[nodiscard]] std::vector<std::string> command(const std::filesystem::path& program,
                                                   const std::string& mode, const std::filesystem::path& card,
                                                   const std::filesystem::path& stick,
                                                   const std::vector<std::string>& environment = {}) const;
    /// Runs it to its end.
    [[nodiscard]] ChildResult run_mode(const std::filesystem::path& program, const std::string& mode,
                                       const std::filesystem::path& card, const std::filesystem::path& stick,
                                       const std::vector<std::string>& environment = {}) const;

private:
    RamFolder folder_;
    std::filesystem::path card_, stick_, keys_;
    std::string new_system_;
};

/// The version of the medkit and of the old system, in etc/turris-version.
inline constexpr const char* small_new_version = "9.0.1";
inline constexpr const char* small_old_version = "8.0.0";

}  // namespace mox::test_support
