// Archives that the fuzzer's bytes choose (tests/support/archive_generator) go through verification and the
// real unpacker onto a btrfs on a loop device. Each is refused with code 2, or reads back as the generator's
// model says. Needs root.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "base/units.hpp"
#include "support/archive_generator.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"
#include "system/medkit_trial.hpp"

namespace {

using namespace mox::unit_literals;
namespace support = mox::test_support;

/// One btrfs for all runs.
class Card {
public:
    Card() : disk_(make_disk(folder_ / "card.img")), mount_(disk_.node(), "btrfs") {}

    [[nodiscard]] std::filesystem::path root() const { return mount_ / "root"; }

private:
    static support::LoopImage make_disk(const std::filesystem::path& image) {
        support::LoopImage disk(image, 1_GiB);
        support::format(disk.node(), "btrfs");
        return disk;
    }

    support::TemporaryDirectory folder_;
    support::LoopImage disk_;
    support::WritableMount mount_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (::geteuid() != 0) {
        std::fputs("needs root: it mounts a loop device. Nothing was tried\n", stderr);
        std::exit(0);
    }
    static const Card card;
    support::ByteChoices choices({data, size});
    const auto medkit = support::generate_medkit(choices, support::Oddities::some);
    const auto result = support::try_medkit(medkit, card.root());
    std::filesystem::remove_all(card.root());
    if (result.fault.empty()) return 0;
    for (const auto& line : medkit.story) std::fprintf(stderr, "%s\n", line.c_str());
    std::fprintf(stderr, "%s\n", result.fault.c_str());
    std::abort();
}
