#include "support/card_contents.hpp"

#include <fcntl.h>

#include <algorithm>
#include <system_error>

#include "base/unique_fd.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {

std::optional<storage::Uuid> CardContents::named(const std::string& name) const {
    const auto found =
        std::ranges::find_if(subvolumes, [&](const auto& one) { return one.second.name == name; });
    if (found == subvolumes.end()) return std::nullopt;
    return found->first;
}

std::string CardContents::digest_of(const std::string& name) const {
    const auto uuid = named(name);
    return uuid ? subvolumes.at(*uuid).digest : std::string();
}

CardContents contents_of_card(const std::filesystem::path& image) {
    const MountedImage card(image, partition_start, "btrfs");
    const UniqueFd top(::open(card.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!top) throw std::system_error(errno, std::generic_category(), card.path());
    CardContents contents;
    for (const auto& name : names_in(card.path())) contents.names.insert(name);
    for (const auto& name : must(storage::subvolumes_in(top.get()))) {
        const auto info = must(storage::subvolume_info(top.get(), name));
        contents.subvolumes[info.uuid] = {name, info.parent_uuid,
                                          tree_digest(card / name, files_of_the_installation)};
    }
    return contents;
}

}  // namespace mox::test_support
