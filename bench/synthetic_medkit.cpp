#include "synthetic_medkit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "support/loop_image.hpp"
#include "support/tar_builder.hpp"

namespace mox::bench {

namespace {

constexpr int directory_count = 900;
constexpr int file_count = 10'000;
constexpr std::size_t kernel_size = 30'000'000;

/// Content that packs about 3:1: strings from a window of the last 16 KiB, as text and machine code have
/// them, between bytes that have not been there before.
class Content {
public:
    std::string make(std::size_t size) {
        std::string text;
        text.reserve(size + 64);
        while (text.size() < size) {
            if (text.size() > 64 && random_() % 100 < share_of_repetitions)
                repeat(text);
            else
                invent(text);
        }
        text.resize(size);
        return text;
    }

    /// Most files are small; the mean comes from the few large ones (log-normal, as in real systems).
    std::size_t size_of_file() {
        constexpr double median = 4'500, spread = 1.65, largest = 8e6;
        return static_cast<std::size_t>(std::min(largest, median * std::exp(spread * normal_(random_))));
    }

    std::uint64_t number_below(std::uint64_t limit) { return random_() % limit; }

private:
    static constexpr std::uint64_t share_of_repetitions = 55;

    void repeat(std::string& text) {
        const auto window = std::min<std::size_t>(text.size(), 16 << 10);
        const auto from = text.size() - 1 - random_() % window;
        const auto length = std::min<std::size_t>(6 + random_() % 26, text.size() - from);
        text.append(std::string(text, from, length));
    }

    void invent(std::string& text) {
        auto bits = random_();
        for (auto length = 4 + random_() % 5; length > 0; --length, bits >>= 8)
            text += static_cast<char>(bits & 0xff);
    }

    std::mt19937_64 random_{20'261'122};
    std::normal_distribution<double> normal_{0, 1};
};

void add_directory(test_support::TarBuilder& tar, Content& content, int number) {
    const std::string path = "./usr/part" + std::to_string(number % 30) + "/package" + std::to_string(number);
    if (number < 30) tar.directory("./usr/part" + std::to_string(number) + "/");
    tar.directory(path + "/");
    const int files = file_count / directory_count + (number % 9 == 0 ? 1 : 0);
    std::string last;
    for (int i = 0; i < files; ++i) {
        last = path + "/file" + std::to_string(i);
        tar.file(last, content.make(content.size_of_file()));
    }
    if (content.number_below(10) < 8) tar.symlink(path + "/link", "file0");
    if (content.number_below(50) == 0) tar.hard_link(path + "/hard", last);
}

}  // namespace

void write_synthetic_medkit(const std::filesystem::path& archive) {
    Content content;
    test_support::TarBuilder tar;
    tar.directory("./").directory("./boot/").file("./boot/Image", content.make(kernel_size));
    tar.file("./boot/armada-3720-turris-mox.dtb", content.make(17'000));
    tar.file("./boot/boot.scr", content.make(1'500));
    tar.directory("./etc/").file("./etc/turris-version", "9.0.0\n").directory("./usr/");
    for (int i = 0; i < directory_count; ++i) add_directory(tar, content, i);
    test_support::write_file(archive, test_support::gzip(tar.finished()));
}

}  // namespace mox::bench
