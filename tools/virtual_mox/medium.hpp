#pragma once

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mox::virtual_mox {

/// A permanent fault of a medium, by QEMU's block filter blkdebug.
struct MediumFault {
    enum class When { read, write, flush };
    When when = When::write;
    int error_number = EIO;                  ///< error for the device's driver, e.g. EIO, ENOSPC
    std::optional<std::uint64_t> at_byte{};  ///< only requests for the sector of this byte; nullopt: all
};

/// A card or a stick: an image file and its properties.
struct Medium {
    // A constructor, because GCC 12 frees aggregates twice that are made inside of a co_await (GCC bug
    // 104031).
    explicit Medium(std::filesystem::path image_file) : image(std::move(image_file)) {}

    std::filesystem::path image;  ///< a card's size is a power of two
    std::vector<MediumFault> faults;
    bool write_protected = false;  ///< the write-protect tab of a card
    /// Every request is appended here, in the order of arrival (dm-log-writes format; blklogwrites).
    /// The file must exist.
    std::optional<std::filesystem::path> write_log;
};

/// The layers of a medium called `name` in QEMU: arguments of `blockdev-add`, lowest first. The node-name of
/// the last one is `name`, that of `image` is "NAME.image". Pure.
[[nodiscard]] std::vector<nlohmann::json> block_layers(std::string_view name, const Medium& medium);

/// Only the layer of the faults, called `name`, over the node `below`. Pure.
[[nodiscard]] nlohmann::json fault_layer(std::string_view name, std::string_view below,
                                         const std::vector<MediumFault>& faults);

}  // namespace mox::virtual_mox
