#include "boot/flash_partitions.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "base/file.hpp"
#include "base/text.hpp"

namespace mox::boot {

namespace {

/// Removes `expected` from the front of `rest`; false when `rest` does not start with it.
bool take(std::string_view& rest, std::string_view expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
}

template <typename Number>
std::optional<Number> take_number(std::string_view& rest, int base) {
    Number number{};
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, base);
    if (error != std::errc{}) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return number;
}

std::optional<FlashPartition> partition_in(std::string_view line) {
    if (!take(line, "mtd")) return std::nullopt;
    const auto number = take_number<unsigned>(line, 10);
    if (!number || !take(line, ": ")) return std::nullopt;
    const auto size = take_number<std::uint64_t>(line, 16);
    if (!size || !take(line, " ")) return std::nullopt;
    const auto erase_block = take_number<std::uint64_t>(line, 16);
    if (!erase_block || !take(line, " \"") || !line.ends_with('"')) return std::nullopt;
    line.remove_suffix(1);
    return FlashPartition{.node = "/dev/mtd" + std::to_string(*number),
                          .label = std::string(line),
                          .size = Bytes{*size},
                          .erase_block = Bytes{*erase_block}};
}

std::string labels_of(const std::vector<FlashPartition>& partitions) {
    const auto text = joined(partitions, ", ", [](const FlashPartition& one) { return one.label; });
    return text.empty() ? "there are none" : "there are: " + text;
}

}  // namespace

std::vector<FlashPartition> parse_flash_partitions(std::string_view table) {
    std::vector<FlashPartition> partitions;
    while (!table.empty()) {
        const auto end = std::min(table.find('\n'), table.size());
        if (auto partition = partition_in(table.substr(0, end))) partitions.push_back(std::move(*partition));
        table.remove_prefix(std::min(end + 1, table.size()));
    }
    return partitions;
}

Expected<FlashPartition> find_flash_partition(std::string_view label, const std::filesystem::path& table) {
    auto text = TRY(read_small_file(table, ErrorKind::internal), "flash partitions");
    const auto partitions = parse_flash_partitions(text);
    const auto count = std::ranges::count(partitions, label, &FlashPartition::label);
    if (count != 1)
        return fail(ErrorKind::internal, "the flash has " + std::string(count == 0 ? "no" : "more than one") +
                                             " partition \"" + std::string(label) + "\"; " +
                                             labels_of(partitions));
    return *std::ranges::find(partitions, label, &FlashPartition::label);
}

}  // namespace mox::boot
