#include "support/rescue_run.hpp"

#include <chrono>
#include <stdexcept>

#include "support/rescue_run_card.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

constexpr Bytes workshop_size{512ULL << 20};
constexpr unsigned new_seed = 1;

fs::path workshop_image(const RamFolder& folder) {
    auto image = folder / "workshop.img";
    make_disk(image, workshop_size, Table::none);
    make_filesystem(image, Table::none, "ext4");
    return image;
}

}  // namespace

RescueTable::RescueTable(TarFormat format) : workshop_(workshop_image(folder_), 0, "ext4") {
    key_ = make_signing_key(workshop_ / "secret", "medkit-key");
    trust(key_, keys());
    make_system_tree(tree(), "9.0.1", new_seed);
    fs::create_directories(content());
    pack_with_tar(tree(), medkit(), format);
    write_sha256_beside(medkit());
    sign_beside(medkit(), key_);
    description_ = describe_medkit(medkit(), workshop());
}

ChildResult run_mode_4(const fs::path& program, const fs::path& keys, const fs::path& card,
                       const std::optional<fs::path>& drive, const std::vector<std::string>& more) {
    std::vector<std::string> argv{program.native(), "run",         "4",      "--yes",      "--json",
                                  "--keys",         keys.native(), "--card", card.native()};
    if (drive) argv.insert(argv.end(), {"--drive", drive->native()});
    argv.insert(argv.end(), more.begin(), more.end());
    auto result = run_child(argv, std::chrono::minutes(2));
    if (!result) throw std::runtime_error(result.error().describe());
    return std::move(*result);
}

ChildResult run_mode_4_on_images(const fs::path& program, const fs::path& keys, const fs::path& card,
                                 const std::optional<fs::path>& stick, const std::vector<std::string>& more) {
    AttachedImage attached_card(card);
    std::optional<AttachedImage> attached_stick;
    if (stick) attached_stick.emplace(*stick);
    auto result = run_mode_4(program, keys, attached_card.node(),
                             attached_stick ? std::optional(attached_stick->node()) : std::nullopt, more);
    if (attached_stick) attached_stick->detach();
    attached_card.detach();
    return result;
}

}  // namespace mox::test_support
