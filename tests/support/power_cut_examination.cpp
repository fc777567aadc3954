#include "support/power_cut_examination.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

#include "support/loop_image.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

/// The boot loader reads boot.scr through the symlink, and starts with what it finds there.
void check_boot_script(const fs::path& top, CardAfterCut& card) {
    const bool leads_there =
        fs::exists(top / "boot.scr") && fs::equivalent(top / "boot.scr", top / "@/boot/boot.scr");
    if (!leads_there || read_file(top / "boot.scr").empty())
        card.flaws.emplace_back("boot.scr does not lead to the script in @");
}

void check_root(const fs::path& root, const KnownSystems& known, CardAfterCut& card) {
    // Which one it claims to be decides what it is compared with.
    const bool claims_old = read_file(root / "etc/turris-version") == known.old_version + "\n";
    const auto found = claims_old ? describe_tree(root) : describe_system(root);
    card.boots = claims_old ? BootsAfterCut::old_system : BootsAfterCut::new_system;
    const auto& expected = claims_old ? known.old_system : known.new_system;
    if (found != expected)
        card.flaws.push_back(std::string("@ is not the complete ") + (claims_old ? "old" : "new") +
                             " system:\n" + difference(expected, found));
    if (claims_old) return;
    if (!read_file(root / "etc/schnapps/config").starts_with("ROOT_DEV='/dev/"))
        card.flaws.emplace_back("@/etc/schnapps/config is not written");
}

StepReached step_of(const CardAfterCut& card, bool factory_is_new) {
    const bool new_root = card.besides.contains("@reflash.new");
    const bool new_factory = card.besides.contains("@reflash.factory");
    if (card.boots == BootsAfterCut::old_system) {
        if (new_factory) return StepReached::built;
        return new_root ? StepReached::building : StepReached::not_begun;
    }
    if (!factory_is_new) return StepReached::switched;
    return card.besides.empty() ? StepReached::done : StepReached::factory_published;
}

void check_factory(const fs::path& factory, const KnownSystems& known, CardAfterCut& card) {
    if (!fs::exists(factory)) {
        card.flaws.emplace_back("@factory is gone");
        return;
    }
    const bool is_new = describe_system(factory) == known.new_system;
    if (is_new && card.boots == BootsAfterCut::old_system)
        card.flaws.emplace_back("@factory is new while @ is old");
    card.step = step_of(card, is_new);
}

void look_around(const fs::path& top, const KnownSystems& known, CardAfterCut& card) {
    const auto names = names_in(top);
    std::ranges::copy_if(names, std::inserter(card.besides, card.besides.end()), [](const std::string& name) {
        // reflash.erase before its rename is there for an instant only, in some runs.
        return name != "@" && name != "@factory" && name != "boot.scr" && name != "reflash.erase.new";
    });
    if (!std::ranges::binary_search(names, "@")) {
        card.flaws.emplace_back("there is no @");
        return;
    }
    check_root(top / "@", known, card);
    check_boot_script(top, card);
    check_factory(top / "@factory", known, card);
}

}  // namespace

std::string to_text(StepReached step) {
    switch (step) {
        case StepReached::not_begun:
            return "0 not begun";
        case StepReached::building:
            return "1 building";
        case StepReached::built:
            return "2 built";
        case StepReached::switched:
            return "3 switched";
        case StepReached::factory_published:
            return "4, 5 erasing";
        case StepReached::done:
            return "6 done";
    }
    return "?";
}

std::string to_text(BootsAfterCut system) {
    switch (system) {
        case BootsAfterCut::old_system:
            return "old, complete";
        case BootsAfterCut::new_system:
            return "new, complete";
        case BootsAfterCut::nothing:
            return "none";
    }
    return "?";
}

CardAfterCut examine_after_cut(const fs::path& image, const KnownSystems& known) {
    CardAfterCut card;
    try {
        const MountedImage mounted(image, partition_start, "btrfs");
        look_around(mounted.path(), known, card);
    } catch (const std::exception& reason) {
        card.flaws.emplace_back(reason.what());
    }
    return card;
}

}  // namespace mox::test_support
