#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

struct inflate_state;

namespace mox::medkit {

/// Unpacks gzip (RFC 1952) with ISA-L. Like gzip it accepts several members in a row and zero padding after
/// them. It checks header, CRC and length of every member, and that no other data follows.
class GzipReader {
public:
    /// Returns the next packed bytes, empty at the end; valid until the next call.
    using Source = std::function<std::span<const std::byte>()>;

    explicit GzipReader(Source source);
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;
    ~GzipReader();

    /// The next unpacked bytes, empty only at the end; valid until the next call.
    /// Errors (`medkit`): not gzip, damaged, cut off, or followed by other data.
    [[nodiscard]] Expected<std::span<const std::byte>> read();

    /// Number of packed bytes read from the source so far.
    [[nodiscard]] Bytes packed() const { return packed_; }

private:
    enum class Place { before_first_member, in_member, after_member, in_padding, at_end };

    [[nodiscard]] Expected<void> inflate();
    [[nodiscard]] Expected<void> start_member();
    [[nodiscard]] Expected<void> check_padding();
    /// Reads a block from the source if no input is left; false at its end.
    [[nodiscard]] bool has_input();

    Source source_;
    std::unique_ptr<inflate_state> state_;
    std::vector<std::byte> output_;
    Bytes packed_;
    Place place_ = Place::before_first_member;
    bool output_pending_ = false;  ///< the state may hold output although it has no input left
};

}  // namespace mox::medkit
