#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "support/write_log.hpp"

namespace mox::test_support {

/// A file mapped for reading.
class MappedFile {
public:
    explicit MappedFile(const std::filesystem::path& path);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

private:
    std::span<const std::byte> bytes_;
};

/// Every request that somebody makes to a card, and the card at any instant of it.
class RecordedCard {
public:
    /// Shows the card in `image` as a block device to `use`, and records what happens to it. `image` is
    /// changed as a real card would be. `folder` takes the log and copies, up to a few times the image's
    /// data.
    RecordedCard(const std::filesystem::path& image, const std::filesystem::path& folder,
                 const std::function<void(const std::filesystem::path& node)>& use);
    RecordedCard(const RecordedCard&) = delete;
    RecordedCard& operator=(const RecordedCard&) = delete;

    [[nodiscard]] std::span<const LoggedWrite> log() const { return log_; }

    /// Writes the card as the cut leaves it to `copy`. Precondition: cuts come in the order of `durable`,
    /// because the card is carried forward from one to the next.
    void write_card_at(const Cut& cut, const std::filesystem::path& copy);

private:
    std::filesystem::path carried_forward_;  ///< the card with the first `applied_` requests
    std::size_t applied_ = 0;
    std::unique_ptr<MappedFile> mapped_;
    std::vector<LoggedWrite> log_;
};

}  // namespace mox::test_support
