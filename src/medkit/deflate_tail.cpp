#include "medkit/deflate_tail.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace mox::medkit {

namespace {

static_assert(std::endian::native == std::endian::little, "BitReader loads words of the stream");

/// Bits of the stream, those of the future in the high part of a word. Behind the end come zeros.
class BitReader {
public:
    explicit BitReader(std::span<const std::byte> stream) : stream_(stream) {}

    /// Makes at least 56 bits available.
    void refill() {
        std::uint64_t word = 0;
        if (next_ + sizeof word <= stream_.size()) [[likely]]
            std::memcpy(&word, stream_.data() + next_, sizeof word);
        else if (next_ < stream_.size())
            std::memcpy(&word, stream_.data() + next_, stream_.size() - next_);
        buffer_ |= word << available_;
        next_ += (63 - available_) >> 3;
        available_ |= 56;
    }

    /// The next bits, at least as many as refill() made available and skip() left.
    [[nodiscard]] std::uint64_t peek() const { return buffer_; }

    void skip(unsigned bits) {
        buffer_ >>= bits;
        available_ -= bits;
    }

    /// A number of up to 16 bits.
    unsigned take(unsigned bits) {
        refill();
        const auto value = static_cast<unsigned>(buffer_ & ((1ULL << bits) - 1));
        skip(bits);
        return value;
    }

    void move_to(std::uint64_t position) {
        next_ = position / 8;
        buffer_ = 0;
        available_ = 0;
        refill();
        skip(position % 8);
    }

    [[nodiscard]] std::uint64_t position() const { return next_ * 8 - available_; }
    [[nodiscard]] bool is_behind_end() const { return position() > stream_.size() * 8; }

private:
    std::span<const std::byte> stream_;
    std::size_t next_ = 0;
    std::uint64_t buffer_ = 0;
    unsigned available_ = 0;
};

// RFC 1951, 3.2.5 to 3.2.7.
constexpr unsigned longest_code = 15;
constexpr std::size_t most_symbols = 288;
constexpr unsigned end_of_block = 256;

constexpr unsigned extra_bits_of_length(unsigned symbol) {
    const unsigned number = symbol - end_of_block - 1;
    return number < 8 || number >= 28 ? 0 : number / 4 - 1;
}
constexpr unsigned extra_bits_of_distance(unsigned symbol) {
    return symbol < 4 ? 0 : symbol / 2 - 1;
}

/// What a symbol means for the position in the stream: how many bits it takes with its extra bits, and what
/// follows. A length and its distance together are one step of up to 48 bits. 0 bits: no code.
struct Step {
    static constexpr std::uint8_t bits_mask = 0x3f;
    static constexpr std::uint8_t distance_follows = 0x40;
    static constexpr std::uint8_t block_ends = 0x80;

    std::uint8_t value = 0;

    [[nodiscard]] unsigned bits() const { return value & bits_mask; }
    /// A literal, or a length with its distance: another step follows.
    [[nodiscard]] bool is_complete() const { return value <= bits_mask; }
    [[nodiscard]] bool is_end() const { return (value & block_ends) != 0; }
};

enum class Alphabet { literals_and_lengths, distances, lengths_of_codes };

Step step_of(Alphabet alphabet, unsigned symbol, unsigned code_length) {
    unsigned value = code_length;
    if (alphabet == Alphabet::distances) value += extra_bits_of_distance(symbol);
    if (alphabet == Alphabet::literals_and_lengths && symbol == end_of_block) value |= Step::block_ends;
    if (alphabet == Alphabet::literals_and_lengths && symbol > end_of_block)
        value = (value + extra_bits_of_length(symbol)) | Step::distance_follows;
    return {static_cast<std::uint8_t>(value)};
}

/// A prefix code, from the lengths of its codes. Short codes are found in a table by the next bits, which is
/// small because it is filled for every block; the rare long ones are found length by length.
class PrefixCode {
public:
    explicit PrefixCode(Alphabet alphabet) : alphabet_(alphabet) {}

    void set(std::span<const std::uint8_t> lengths) {
        count_ = {};
        for (const auto length : lengths) ++count_.at(length);
        count_[0] = 0;
        std::array<unsigned, longest_code + 1> next_code{};
        std::array<unsigned, longest_code + 1> next_place{};
        for (unsigned length = 1; length <= longest_code; ++length) {
            next_code.at(length) = (next_code.at(length - 1) + count_.at(length - 1)) << 1;
            next_place.at(length) = next_place.at(length - 1) + count_.at(length - 1);
        }
        steps_.fill({});
        code_lengths_.fill(0);
        for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
            const unsigned length = lengths[symbol];
            if (length == 0) continue;
            symbols_.at(next_place.at(length)++) = static_cast<std::uint16_t>(symbol);
            const unsigned code = next_code.at(length)++;
            if (length <= index_bits) fill(code, length, step_of(alphabet_, symbol, length));
        }
    }

    /// Makes one step of a length and its distance where the index holds the codes of both.
    void add_distances(const PrefixCode& distances) {
        for (std::size_t at = 0; at < steps_.size(); ++at) {
            const auto step = steps_[at];
            if ((step.value & Step::distance_follows) == 0 || step.bits() >= index_bits) continue;
            const auto rest = at >> step.bits();
            const unsigned length = distances.code_lengths_[rest];
            if (length == 0 || length + step.bits() > index_bits) continue;
            steps_[at].value = static_cast<std::uint8_t>(step.bits() + distances.steps_[rest].bits());
        }
    }

    /// The step for the next bits.
    [[nodiscard]] Step next(std::uint64_t bits) const {
        const auto step = steps_[bits & (steps_.size() - 1)];
        if (step.bits() != 0) [[likely]]
            return step;
        const auto found = find(bits);
        return found.length == 0 ? Step{} : step_of(alphabet_, found.symbol, found.length);
    }

    struct Found {
        unsigned symbol = 0;
        unsigned length = 0;  ///< of its code; 0: there is no such code
    };

    /// The symbol of the next bits. Codes of one length are consecutive numbers, in the order of the symbols.
    [[nodiscard]] Found find(std::uint64_t bits) const {
        unsigned code = 0;
        unsigned first_code = 0;
        unsigned first_place = 0;
        for (unsigned length = 1; length <= longest_code; ++length, bits >>= 1) {
            code = (code << 1) | static_cast<unsigned>(bits & 1);
            const unsigned count = count_.at(length);
            if (code >= first_code && code - first_code < count)
                return {symbols_.at(first_place + code - first_code), length};
            first_place += count;
            first_code = (first_code + count) << 1;
        }
        return {};
    }

private:
    static constexpr unsigned index_bits = 11;

    /// Codes come with their highest bit first, all else in the stream with the lowest.
    void fill(unsigned code, unsigned length, Step step) {
        unsigned reversed = 0;
        for (unsigned bit = 0; bit < length; ++bit) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
        for (std::size_t at = reversed; at < steps_.size(); at += std::size_t{1} << length) {
            steps_[at] = step;
            code_lengths_[at] = static_cast<std::uint8_t>(length);
        }
    }

    Alphabet alphabet_;
    std::array<Step, std::size_t{1} << index_bits> steps_{};
    std::array<std::uint8_t, std::size_t{1} << index_bits> code_lengths_{};  ///< of the codes in `steps_`
    std::array<std::uint16_t, longest_code + 1> count_{};
    std::array<std::uint16_t, most_symbols + 32> symbols_{};
};

/// Walks through the blocks of a stream.
class Walk {
public:
    explicit Walk(std::span<const std::byte> stream) : stream_(stream), bits_(stream) {}

    std::optional<DeflateTail> to_end() {
        for (;;) {
            const auto block = bits_.position();
            const bool is_last = bits_.take(1) == 1;
            if (!skip_block() || bits_.is_behind_end()) return std::nullopt;
            if (!is_last) continue;
            const DeflateTail tail{.last_block = block, .end = bits_.position()};
            if ((tail.end + 7) / 8 != stream_.size()) return std::nullopt;
            return tail;
        }
    }

private:
    /// BTYPE and all that follows. False: it is not valid.
    bool skip_block() {
        switch (bits_.take(2)) {
            case 0:
                return skip_stored();
            case 1:
                set_fixed_codes();
                return skip_symbols();
            case 2:
                return read_codes() && skip_symbols();
            default:
                return false;
        }
    }

    bool skip_stored() {
        bits_.move_to((bits_.position() + 7) / 8 * 8);
        const auto size = bits_.take(16);
        if (bits_.take(16) != (size ^ 0xffff)) return false;
        bits_.move_to(bits_.position() + std::uint64_t{size} * 8);
        return true;
    }

    void set_fixed_codes() {
        std::array<std::uint8_t, most_symbols> lengths{};
        const auto set = [&](std::size_t from, std::size_t to, std::uint8_t length) {
            std::fill(lengths.begin() + static_cast<std::ptrdiff_t>(from),
                      lengths.begin() + static_cast<std::ptrdiff_t>(to), length);
        };
        set(0, 144, 8);
        set(144, 256, 9);
        set(256, 280, 7);
        set(280, most_symbols, 8);
        lengths_.set(lengths);
        set(0, 32, 5);
        distances_.set(std::span(lengths).first(32));
    }

    bool read_codes() {
        static constexpr std::array<std::uint8_t, 19> order{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                            11, 4,  12, 3, 13, 2, 14, 1, 15};
        const std::size_t literals = bits_.take(5) + 257;
        const std::size_t distances = bits_.take(5) + 1;
        const std::size_t codes = bits_.take(4) + 4;
        if (literals > most_symbols) return false;
        std::array<std::uint8_t, order.size()> lengths_of_codes{};
        for (std::size_t i = 0; i < codes; ++i)
            lengths_of_codes.at(order.at(i)) = static_cast<std::uint8_t>(bits_.take(3));
        code_.set(lengths_of_codes);
        std::array<std::uint8_t, most_symbols + 32> lengths{};
        if (!read_lengths(std::span(lengths).first(literals + distances))) return false;
        lengths_.set(std::span(lengths).first(literals));
        distances_.set(std::span(lengths).subspan(literals, distances));
        return true;
    }

    bool read_lengths(std::span<std::uint8_t> lengths) {
        for (std::size_t at = 0; at < lengths.size();) {
            bits_.refill();
            const auto found = code_.find(bits_.peek());
            if (found.length == 0) return false;
            bits_.skip(found.length);
            const auto run = run_of(found.symbol, at == 0 ? 0 : lengths[at - 1]);
            if (run.count > lengths.size() - at) return false;
            std::ranges::fill(lengths.subspan(at, run.count), run.length);
            at += run.count;
        }
        return true;
    }

    struct Run {
        std::size_t count = 1;
        std::uint8_t length = 0;
    };

    Run run_of(unsigned symbol, std::uint8_t before) {
        switch (symbol) {
            case 16:
                return {bits_.take(2) + 3, before};
            case 17:
                return {bits_.take(3) + 3, 0};
            case 18:
                return {bits_.take(7) + 11, 0};
            default:
                return {1, static_cast<std::uint8_t>(symbol)};
        }
    }

    /// To the end of the block.
    bool skip_symbols() {
        lengths_.add_distances(distances_);
        auto bits = bits_;  // so that the compiler keeps it in registers
        for (;;) {
            bits.refill();
            const auto step = lengths_.next(bits.peek());
            bits.skip(step.bits());
            if (step.is_complete()) [[likely]] {
                if (step.bits() == 0 || bits.is_behind_end()) return false;
                continue;
            }
            if (step.is_end()) break;
            bits.refill();
            const auto distance = distances_.next(bits.peek());
            if (distance.bits() == 0 || bits.is_behind_end()) return false;
            bits.skip(distance.bits());
        }
        bits_ = bits;
        return true;
    }

    std::span<const std::byte> stream_;
    BitReader bits_;
    PrefixCode lengths_{Alphabet::literals_and_lengths};
    PrefixCode distances_{Alphabet::distances};
    PrefixCode code_{Alphabet::lengths_of_codes};
};

}  // namespace

std::optional<DeflateTail> find_deflate_tail(std::span<const std::byte> stream) {
    return Walk(stream).to_end();
}

}  // namespace mox::medkit
