#include "medkit/gzip_reader.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t output_size = 256 << 10;
constexpr std::uint8_t first_byte_of_member = 0x1f;  // RFC 1952, ID1

std::unexpected<Error> damaged(const std::string& how) {
    return fail(ErrorKind::medkit, how, {std::string(copy_again)});
}

std::unexpected<Error> explain(int isal_error) {
    switch (isal_error) {
        case ISAL_INVALID_WRAPPER:
        case ISAL_UNSUPPORTED_METHOD:
            return fail(ErrorKind::medkit, "is not a gzip file",
                        {"a medkit is a .tar.gz file as it was downloaded"});
        case ISAL_INCORRECT_CHECKSUM:
            return damaged("is damaged: gzip checksum or length is wrong");
        default:
            return damaged("is damaged: the compressed data is not valid");
    }
}

}  // namespace

GzipReader::GzipReader(Source source)
    : source_(std::move(source)), state_(std::make_unique<inflate_state>()), output_(output_size) {
    isal_inflate_init(state_.get());
}

GzipReader::~GzipReader() = default;

Expected<std::span<const std::byte>> GzipReader::read() {
    state_->next_out = reinterpret_cast<std::uint8_t*>(output_.data());
    state_->avail_out = static_cast<std::uint32_t>(output_.size());
    while (state_->avail_out > 0 && place_ != Place::at_end) {
        Expected<void> step;
        switch (place_) {
            case Place::before_first_member:
            case Place::after_member:
                step = start_member();
                break;
            case Place::in_member:
                step = inflate();
                break;
            case Place::in_padding:
                step = check_padding();
                break;
            case Place::at_end:
                break;
        }
        if (!step) return pass_on(step);
    }
    return std::span<const std::byte>(output_).first(output_.size() - state_->avail_out);
}

Expected<void> GzipReader::start_member() {
    if (!has_input()) {
        if (place_ == Place::before_first_member) return damaged("is empty");
        place_ = Place::at_end;
        return {};
    }
    if (*state_->next_in != first_byte_of_member) {
        if (place_ == Place::before_first_member) return explain(ISAL_INVALID_WRAPPER);
        place_ = Place::in_padding;
        return {};
    }
    isal_inflate_reset(state_.get());
    state_->crc_flag = ISAL_GZIP;
    place_ = Place::in_member;
    return {};
}

Expected<void> GzipReader::inflate() {
    if (!output_pending_ && !has_input()) return damaged("is cut off: the compressed data ends too early");
    if (const int result = isal_inflate(state_.get()); result < 0) return explain(result);
    output_pending_ = state_->avail_out == 0;
    if (state_->block_state == ISAL_BLOCK_FINISH) {
        output_pending_ = false;
        place_ = Place::after_member;
    }
    return {};
}

/// gzip ignores only zeros after the last member (tapes and block devices add them).
Expected<void> GzipReader::check_padding() {
    if (!has_input()) {
        place_ = Place::at_end;
        return {};
    }
    const std::span rest(state_->next_in, state_->avail_in);
    if (std::ranges::any_of(rest, [](auto byte) { return byte != 0; }))
        return damaged("has data after its end that is not part of it");
    state_->avail_in = 0;
    return {};
}

bool GzipReader::has_input() {
    if (state_->avail_in > 0) return true;
    const auto block = source_();
    packed_ += Bytes{block.size()};
    // ISA-L takes a pointer to non-const and does not write through it.
    state_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(block.data()));
    state_->avail_in = static_cast<std::uint32_t>(block.size());
    return !block.empty();
}

}  // namespace mox::medkit
