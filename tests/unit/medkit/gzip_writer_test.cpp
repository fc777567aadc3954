// The parallel writer: the same bytes however it is used, which every reader reads.

#include "medkit/gzip_writer.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "medkit/digest.hpp"
#include "medkit/gzip_reader.hpp"
#include "support/seeds.hpp"
#include "support/tar_builder.hpp"

namespace mox::medkit {

namespace {

using namespace std::chrono_literals;
using test_support::noise;

constexpr std::size_t piece = GzipWriter::piece_size;

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string packed(std::string_view content, GzipSettings settings = {}, std::size_t step = 100'000) {
    std::string result;
    GzipWriter writer(
        [&](std::span<const std::byte> bytes) {
            result.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return Expected<void>{};
        },
        settings);
    for (; !content.empty(); content.remove_prefix(std::min(step, content.size())))
        if (auto written = writer.write(bytes_of(content.substr(0, step))); !written)
            throw std::runtime_error(written.error().describe());
    if (auto finished = writer.finish(); !finished) throw std::runtime_error(finished.error().describe());
    return result;
}

/// Unpacked by zlib as exactly one member.
std::string unpacked_by_zlib(std::string member) {
    z_stream zlib{};
    if (inflateInit2(&zlib, 15 + 16) != Z_OK) throw std::runtime_error("zlib");
    zlib.next_in = reinterpret_cast<Bytef*>(member.data());
    zlib.avail_in = static_cast<uInt>(member.size());
    std::string content;
    std::string block(1 << 20, '\0');
    for (int status = Z_OK; status != Z_STREAM_END;) {
        zlib.next_out = reinterpret_cast<Bytef*>(block.data());
        zlib.avail_out = static_cast<uInt>(block.size());
        status = inflate(&zlib, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END) throw std::runtime_error("zlib rejects the member");
        content.append(block, 0, block.size() - zlib.avail_out);
    }
    EXPECT_EQ(zlib.avail_in, 0U) << "bytes behind the member";
    inflateEnd(&zlib);
    return content;
}

std::string unpacked_by_us(std::string_view file) {
    GzipReader reader([&] { return bytes_of(std::exchange(file, {})); });
    std::string content;
    for (;;) {
        const auto read = reader.read();
        if (!read) throw std::runtime_error(read.error().describe());
        if (read->empty()) return content;
        content.append(reinterpret_cast<const char*>(read->data()), read->size());
    }
}

std::string text_of_size(std::size_t size) {
    std::string text;
    for (std::uint64_t i = 0; text.size() < size; ++i)
        text += "option number" + std::to_string(i * i % 10'007) + " '" + std::to_string(i) + "'\n";
    text.resize(size);
    return text;
}

std::string mixed() {
    return text_of_size(piece + 1000) + noise(2 * piece) + std::string(piece, '\0') + text_of_size(300'000);
}

std::map<std::string, std::string> contents() {
    return {{"nothing", ""},
            {"one byte", "x"},
            {"a byte less than a piece", text_of_size(piece - 1)},
            {"one piece", text_of_size(piece)},
            {"a byte more than a piece", text_of_size(piece + 1)},
            {"three pieces of zeros", std::string(3 * piece, '\0')},
            {"two pieces of noise", noise(2 * piece)},
            {"a bit of everything", mixed()}};
}

}  // namespace

TEST(GzipWriter, WritesOneMemberThatEveryReaderReads) {
    for (const auto& [what, content] : contents()) {
        const auto member = packed(content);
        EXPECT_TRUE(unpacked_by_zlib(member) == content) << what;
        EXPECT_TRUE(unpacked_by_us(member) == content) << what;
        EXPECT_EQ(member.substr(0, 10), std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10)) << what;
    }
}

TEST(GzipWriter, GivesTheSameBytesForEveryNumberOfThreads) {
    const auto content = mixed() + mixed();
    const auto wanted = packed(content, {.level = {}, .threads = 1});
    for (unsigned threads = 2; threads <= 8; ++threads)
        EXPECT_TRUE(packed(content, {.level = {}, .threads = threads}) == wanted) << threads;
}

TEST(GzipWriter, GivesTheSameBytesInWhateverStepsItIsFed) {
    const auto content = mixed();
    const auto wanted = packed(content);
    for (const std::size_t step : {std::size_t{4099}, piece - 1, piece, piece + 1, 3 * piece, content.size()})
        EXPECT_TRUE(packed(content, {}, step) == wanted) << step;
}

/// The bytes of every machine: amd64 and arm64, with and without vector instructions. Another version of
/// libdeflate may give others; then the figures here change.
TEST(GzipWriter, GivesTheBytesOfEveryMachine) {
    const auto digest_at = [](int level) {
        Sha256 sha256;
        sha256.update(bytes_of(packed(text_of_size(2 * piece + 77'777), {.level = {level}})));
        return to_hex(sha256.finish()).substr(0, 16);
    };
    const std::map<int, std::string> wanted{{1, "35f0ee5a5e083677"},
                                            {2, "146a48745ef3ab13"},
                                            {6, "6cf614450448082a"},
                                            {9, "deb55106506dbea4"},
                                            {12, "825067f98be7e2f6"}};
    for (const auto& [level, digest] : wanted) EXPECT_EQ(digest_at(level), digest) << level;
}

TEST(GzipWriter, PacksSmallerWithAHigherLevel) {
    const auto content = text_of_size(2 * piece);
    const auto size_at = [&](int level) { return packed(content, {.level = {level}}).size(); };
    EXPECT_GT(size_at(1), size_at(6));
    EXPECT_GT(size_at(6), size_at(12));
}

/// Random contents, levels, threads and steps; MOX_SEED repeats them.
TEST(GzipWriter, KeepsWhateverItIsGiven) {
    std::mt19937_64 random(test_support::test_seed());
    const test_support::SoakClock clock(3s);
    do {
        std::string content;
        for (auto parts = random() % 8; parts > 0; --parts) {
            const auto size = random() % 3 == 0 ? piece : random() % 400'000;
            const auto kind = random() % 3;
            content += kind == 0   ? noise(size)
                       : kind == 1 ? std::string(size, static_cast<char>(random()))
                                   : text_of_size(size);
        }
        const CompressionLevel level{static_cast<int>(1 + random() % 7)};
        const unsigned threads = 1 + random() % 8;
        const auto member =
            packed(content, {.level = level, .threads = threads}, 1000 + random() % 1'000'000);
        ASSERT_TRUE(unpacked_by_zlib(member) == content);
        ASSERT_TRUE(unpacked_by_us(member) == content);
        ASSERT_TRUE(packed(content, {.level = level, .threads = 1}) == member);
    } while (!clock.is_over());
}

/// The sink receives nothing until the caller has to wait: then most_in_memory() bytes are accepted, and no
/// more are until it goes on.
TEST(GzipWriter, HoldsNoMoreThanItSays) {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t accepted = 0;
    std::optional<std::size_t> most;  // how many bytes the writer says it holds
    bool grew = false;
    bool blocked = true;
    GzipWriter writer(
        [&](std::span<const std::byte>) {
            std::unique_lock lock(mutex);
            if (!std::exchange(blocked, false)) return Expected<void>{};
            EXPECT_TRUE(changed.wait_for(lock, 60s, [&] { return most && accepted >= *most; }));
            grew = changed.wait_for(lock, 300ms, [&] { return accepted > *most; });
            return Expected<void>{};
        },
        {.level = {1}, .threads = 2});
    {
        const std::lock_guard lock(mutex);
        most = writer.most_in_memory();
    }
    EXPECT_EQ(writer.most_in_memory(), 6 * piece);
    const std::string step(piece / 4, 'x');
    for (int i = 0; i < 60; ++i) {
        ASSERT_TRUE(writer.write(bytes_of(step)));
        const std::lock_guard lock(mutex);
        accepted += step.size();
        changed.notify_all();
    }
    ASSERT_TRUE(writer.finish());
    EXPECT_FALSE(grew);
}

TEST(GzipWriter, EndsWithTheErrorOfItsSink) {
    for (const int good_calls : {0, 1, 3}) {
        int calls = 0;
        GzipWriter writer(
            [&](std::span<const std::byte>) -> Expected<void> {
                if (calls++ < good_calls) return {};
                return fail(ErrorKind::medkit, "no space is left");
            },
            {.level = {1}, .threads = 3});
        const std::string step(piece, 'x');
        std::string error;
        for (int i = 0; i < 100 && error.empty(); ++i)
            if (auto written = writer.write(bytes_of(step)); !written) error = written.error().describe();
        EXPECT_EQ(error, "no space is left");
        EXPECT_FALSE(writer.finish());
        EXPECT_EQ(calls, good_calls + 1) << "nothing follows an error";
    }
}

TEST(GzipWriter, WritesNoEndWhenItIsGivenUp) {
    std::string result;
    {
        GzipWriter writer(
            [&](std::span<const std::byte> bytes) {
                result.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                return Expected<void>{};
            },
            {});
        const std::string content(5 * piece, 'x');
        ASSERT_TRUE(writer.write(bytes_of(content)));
    }
    EXPECT_ANY_THROW(unpacked_by_us(result));
}

TEST(CompressionLevels, AreOneToTwelve) {
    for (const std::string text : {"1", "2", "12"})
        EXPECT_EQ(parse_compression_level(text).value_or(CompressionLevel{0}).value, std::stoi(text));
    for (const std::string text : {"", "0", "13", "-1", "+1", " 1", "1 ", "2.5", "x", "99999999999"})
        EXPECT_FALSE(parse_compression_level(text)) << text;
}

}  // namespace mox::medkit
