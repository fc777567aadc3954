#include "snapshots_card.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "base/file.hpp"
#include "storage/subvolume.hpp"

namespace mox::bench {

namespace {

using test_support::must;
using namespace unit_literals;

constexpr std::size_t files_in_a_directory = 100;

std::string name_of_file(std::size_t number) {
    return "@/d" + std::to_string(number / files_in_a_directory) + "/f" + std::to_string(number);
}

/// 200 B to 125 KiB, 16 KiB on average: three quarters are small.
std::size_t size_of_file(std::size_t number) {
    const auto step = number * 7919 % 1000;
    return step < 750 ? 200 + step * 8 : 6000 + (step - 750) * 484;
}

/// Text, different in every file and every generation.
std::string content_of_file(std::size_t number, std::size_t generation) {
    const auto line = "file " + std::to_string(number) + " in state " + std::to_string(generation) + "\n";
    std::string content;
    while (content.size() < size_of_file(number)) content += line;
    content.resize(size_of_file(number));
    return content;
}

}  // namespace

BenchCard::BenchCard(std::size_t files) : files_(files), disk_(folder_ / "card.img", 8_GiB) {
    test_support::format(disk_.node(), "btrfs");
    top_.emplace(must(snapshots::TopLevel::on_device(disk_.node(), snapshots::Purpose::change)));
    fill();
}

std::string BenchCard::path(const std::string& name) const {
    return (top_->path() / name).native();
}

void BenchCard::fill() {
    must(storage::create_subvolume(top_->directory(), "@"));
    for (std::size_t number = 0; number < files_; ++number) {
        const auto file = top_->path() / name_of_file(number);
        if (number % files_in_a_directory == 0) std::filesystem::create_directory(file.parent_path());
        const auto fd = must(open_file(file, O_WRONLY | O_CREAT | O_EXCL, ErrorKind::internal));
        must(write_all(fd.get(), content_of_file(number, 0), file.native(), ErrorKind::internal));
    }
    (void)sync();
}

void BenchCard::change_files(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto number = (++changes_ * 4001) % files_;  // a prime: spread over all directories
        const auto file = top_->path() / name_of_file(number);
        const auto fd = must(open_file(file, O_WRONLY, ErrorKind::internal));
        must(write_all(fd.get(), content_of_file(number, changes_), file.native(), ErrorKind::internal));
    }
    (void)sync();
}

std::chrono::nanoseconds BenchCard::sync() const {
    const auto start = Clock::now();
    must(storage::sync_filesystem(top_->directory()));
    return Clock::now() - start;
}

void BenchCard::make_cold() {
    (void)sync();
    top_.reset();
    ::sync();
    must(write_existing_file("/proc/sys/vm/drop_caches", "3", ErrorKind::internal));
    top_.emplace(must(snapshots::TopLevel::on_device(disk_.node(), snapshots::Purpose::change)));
}

}  // namespace mox::bench
