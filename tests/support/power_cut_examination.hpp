#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace mox::test_support {

/// What boots after a power cut.
enum class BootsAfterCut { old_system, new_system, nothing };

/// How far the re-flash had come, told by what is on the card (the steps of update/install.cpp).
enum class StepReached {
    not_begun,          ///< the old system, and nothing of ours
    building,           ///< 1: @reflash.new is being built
    built,              ///< 2: @reflash.factory is there too
    switched,           ///< 3: the new system is `@`
    factory_published,  ///< 4 and 5: @factory is the new one, the old things are being erased
    done,               ///< 6: the new system and nothing else
};

[[nodiscard]] std::string to_text(StepReached step);
[[nodiscard]] std::string to_text(BootsAfterCut system);

/// The two systems that a card may hold after a cut, as descriptions of their whole trees.
struct KnownSystems {
    std::string old_version;  ///< first line of its etc/turris-version
    std::string old_system;   ///< describe_tree
    std::string new_system;   ///< describe_system
};

/// A card after a cut.
struct CardAfterCut {
    BootsAfterCut boots = BootsAfterCut::nothing;
    StepReached step = StepReached::not_begun;
    std::set<std::string> besides;   ///< names at the top level besides `@`, `@factory` and boot.scr
    std::vector<std::string> flaws;  ///< what must not be; empty if all is well
};

/// Mounts the card as the boot loader's kernel would (with replay of its log, so `image` changes) and looks
/// at everything. Every way in which it is neither the complete old nor the complete new system is a flaw.
[[nodiscard]] CardAfterCut examine_after_cut(const std::filesystem::path& image, const KnownSystems& known);

}  // namespace mox::test_support
