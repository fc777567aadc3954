// An update of the rescue system in the flash, and what a power cut leaves behind after each step:
//   1. erase block 0                       old image without its head: no LZMA file any more
//   2. erase and write the other blocks    the same
//   3. write block 0, its first bytes last  new image
//   4. read everything back                new image, proven
// Before 1 and after 3 the button starts a complete rescue system. In between the boot loader finds no image
// to unpack and prints an error; it still boots the card, because only the rescue partition is written.
// Before it calls this, the caller makes sure that the card has a system and that no variable makes the boot
// loader start the rescue system. Running the update again completes it.

#include "boot/rescue_image.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace mox::boot {

namespace {

/// Of the LZMA format (xz: doc/lzma-file-format.txt): properties, dictionary size, unpacked size.
constexpr std::size_t lzma_header_size = 13;
/// lc=3, lp=0, pb=2: the value that all packers write, and that fits into the boot loader's memory.
constexpr unsigned char usual_properties = 0x5d;
/// More than any rescue system unpacks to.
constexpr std::uint64_t largest_unpacked = 64U << 20;
/// The header and some bytes after it. Until these are written the boot loader finds no image.
constexpr std::size_t image_start_size = 64;

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
    static_assert(std::endian::native == std::endian::little, "LZMA headers are little-endian");
    Number number{};
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

/// 2^n or 2^n + 2^(n-1): the test of liblzma for LZMA files.
bool is_dictionary_size(std::uint32_t size) {
    return size != 0 && (std::has_single_bit(size) || (size % 3 == 0 && std::has_single_bit(size / 3)));
}

bool is_lzma(std::string_view image) {
    if (image.size() <= lzma_header_size) return false;
    if (static_cast<unsigned char>(image.front()) != usual_properties) return false;
    if (!is_dictionary_size(number_at<std::uint32_t>(image, 1))) return false;
    const auto unpacked = number_at<std::uint64_t>(image, 5);
    const bool known = unpacked != ~std::uint64_t{0};
    return (!known || unpacked <= largest_unpacked) && image[lzma_header_size] == 0;
}

struct Block {
    std::uint64_t offset = 0;
    std::string_view content;
};

std::vector<Block> blocks_of(std::string_view image, Bytes size) {
    std::vector<Block> blocks;
    for (std::uint64_t offset = 0; offset < image.size(); offset += size.count)
        blocks.push_back({offset, image.substr(offset, size.count)});
    return blocks;
}

Expected<bool> holds(Flash& flash, const Block& block) {
    std::string present(block.content.size(), '\0');
    TRY(flash.read(block.offset, present));
    return present == block.content;
}

Expected<std::vector<Block>> wrong_blocks(Flash& flash, const std::vector<Block>& blocks) {
    std::vector<Block> wrong;
    for (const auto& block : blocks) {
        auto right = TRY(holds(flash, block));
        if (!right) wrong.push_back(block);
    }
    return wrong;
}

Expected<void> write_blocks(Flash& flash, const Block& head, const std::vector<Block>& wrong,
                            const ByteProgress& progress) {
    const auto others = static_cast<std::uint64_t>(
        std::ranges::count_if(wrong, [&](const auto& block) { return block.offset != head.offset; }));
    const Bytes total = flash.erase_block() * (others + 1);
    TRY(flash.erase(head.offset));
    Bytes done;
    for (const auto& block : wrong) {
        if (block.offset == head.offset) continue;
        TRY(flash.erase(block.offset));
        TRY(flash.write(block.offset, block.content));
        progress(done += flash.erase_block(), total);
    }
    const auto tail = head.content.substr(std::min(image_start_size, head.content.size()));
    const auto offset = head.offset + (head.content.size() - tail.size());
    TRY(flash.write(offset, tail));
    TRY(flash.write(head.offset, head.content.substr(0, image_start_size)));
    progress(total, total);
    return {};
}

/// The error of a write that was begun.
std::unexpected<Error> incomplete(Error&& error) {
    return std::unexpected(
        std::move(error)
            .with_context("the rescue system in the flash is not complete")
            .replace_hint({"start the update again; the router still boots from its card"}));
}

}  // namespace

Expected<void> check_rescue_image(std::string_view image, Bytes largest) {
    if (image.size() > largest.count)
        return fail(ErrorKind::medkit, "it has " + std::to_string(image.size()) + " bytes, and at most " +
                                           std::to_string(largest.count) +
                                           " fit into the flash: it is no rescue image for this router");
    if (!is_lzma(image))
        return fail(ErrorKind::medkit, "it is no rescue image: those are LZMA files (image.fit.lzma)");
    return {};
}

Expected<FlashUpdate> update_flash(Flash& flash, std::string_view image, const ByteProgress& progress) {
    if (image.empty() || image.size() > flash.size().count)
        return fail(ErrorKind::internal, "the image of " + to_text(Bytes{image.size()}) +
                                             " does not fit into the flash partition");
    const auto blocks = blocks_of(image, flash.erase_block());
    auto wrong = TRY(wrong_blocks(flash, blocks));
    if (wrong.empty()) return FlashUpdate::not_needed;

    if (auto written = write_blocks(flash, blocks.front(), wrong, progress); !written)
        return incomplete(std::move(written).error());
    auto still_wrong = wrong_blocks(flash, blocks);
    if (!still_wrong) return incomplete(std::move(still_wrong).error());
    if (!still_wrong->empty())
        return incomplete(Error(ErrorKind::internal, "what is read back at " +
                                                         std::to_string(still_wrong->front().offset) +
                                                         " is not what was written"));
    return FlashUpdate::written;
}

}  // namespace mox::boot
