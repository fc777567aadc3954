// Re-flashing against what a person would do by hand with the best known tools: the same medkit, the same
// card (btrfs on a loop device), runs in pairs that alternate in order, the medkit in the page cache for
// both. Ends with "reflash ratio=... bar=... ok|short"; the exit status says the same.

#include <sys/mount.h>

#include <algorithm>

#include <chrono>
#include <cmath>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <optional>

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/units.hpp"
#include "pairs.hpp"
#include "reflash_ours.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/temporary_directory.hpp"
#include "synthetic_medkit.hpp"

namespace mox::bench {

namespace {

using namespace unit_literals;
namespace fs = std::filesystem;

constexpr double bar = 0.65;
constexpr double memory_bar_in_kib = 64 << 10;
constexpr int pairs = 7;
constexpr auto medkit_name = "mox-medkit-latest.tar.gz";

/// Milliseconds (memory: KiB) by name, in the order of the names.
using Figures = std::map<std::string, double>;

std::string run(const std::vector<std::string>& argv) {
    const auto result = run_child(argv, std::chrono::minutes(5));
    if (!result) throw std::runtime_error(result.error().describe());
    if (!result->succeeded()) throw std::runtime_error(argv.front() + " failed: " + result->output);
    return result->output;
}

double milliseconds_of(const std::vector<std::string>& argv, std::string* output = nullptr) {
    const auto start = Clock::now();
    auto text = run(argv);
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    if (output != nullptr) *output = std::move(text);
    return took.count();
}

/// The card, mounted under a path that the btrfs program can find too.
class MountedCard {
public:
    MountedCard(const fs::path& node, fs::path where) : where_(std::move(where)) {
        fs::create_directory(where_);
        run({"mount", "-t", "btrfs", "-o", "noatime", node.native(), where_.native()});
    }
    MountedCard(const MountedCard&) = delete;
    MountedCard& operator=(const MountedCard&) = delete;
    ~MountedCard() { ::umount2(where_.c_str(), MNT_DETACH); }

    [[nodiscard]] const fs::path& path() const { return where_; }

private:
    fs::path where_;
};

/// The stick and the card of one benchmark.
class Bench {
public:
    explicit Bench(const std::string& given_medkit) : card_image_(folder_ / "card.img", 4_GiB) {
        fs::create_directory(drive_);
        fs::create_directory(keys_);
        if (given_medkit.empty()) {
            std::cout << "making a medkit of about 10,000 files (215 MB, packed 70 MB) ...\n" << std::flush;
            write_synthetic_medkit(medkit_);
        } else {
            fs::copy_file(given_medkit, medkit_);
        }
        key_ = test_support::make_signing_key(folder_.path(), "bench");
        test_support::trust(key_, keys_);
        test_support::sign_beside(medkit_, key_);
        test_support::write_sha256_beside(medkit_);
        test_support::format(card_image_.node(), "btrfs");
        card_.emplace(card_image_.node(), folder_ / "card");
        std::cout << "medkit: " << to_text(Bytes{fs::file_size(medkit_)}) << " packed\n";
    }

    /// Verify, unpack and sync with our own code, in a process of its own.
    Figures ours() {
        const auto root = fresh_subvolume();
        Figures figures;
        std::string output;
        const double total = milliseconds_of(
            {"/proc/self/exe", "--ours", drive_.native(), keys_.native(), root.native()}, &output);
        std::istringstream lines(output);
        double value = 0;
        for (std::string name; lines >> name >> value;) figures[name] = value;
        figures["total"] = total;
        remove_subvolume(root);
        return figures;
    }

    /// The same with signify, sha256sum, GNU tar and sync.
    Figures theirs() {
        const auto root = fresh_subvolume();
        Figures figures;
        figures["signify"] = milliseconds_of({"signify-openbsd", "-V", "-q", "-p", key_.public_key.native(),
                                              "-x", medkit_.native() + ".sig", "-m", medkit_.native()});
        figures["sha256sum"] = milliseconds_of(
            {"env", "-C", drive_.native(), "sha256sum", "--quiet", "-c", medkit_.native() + ".sha256"});
        figures["tar"] = milliseconds_of({"tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-C",
                                          root.native(), "-xpzf", medkit_.native()});
        figures["sync"] = milliseconds_of({"sync", "-f", root.native()});
        for (const auto* step : {"signify", "sha256sum", "tar", "sync"}) figures["total"] += figures[step];
        remove_subvolume(root);
        return figures;
    }

private:
    fs::path fresh_subvolume() {
        const fs::path root = card_->path() / "@";
        run({"btrfs", "subvolume", "create", root.native()});
        run({"sync", "-f", root.native()});
        return root;
    }

    /// Waits until the space is free again, so that the next run is not slowed down by it.
    void remove_subvolume(const fs::path& root) {
        run({"btrfs", "subvolume", "delete", "--commit-after", root.native()});
        run({"btrfs", "subvolume", "sync", card_->path().native()});
    }

    test_support::TemporaryDirectory folder_;
    fs::path drive_ = folder_ / "drive", keys_ = folder_ / "keys", medkit_ = drive_ / medkit_name;
    test_support::SigningKey key_;
    test_support::LoopImage card_image_;
    std::optional<MountedCard> card_;
};

/// Medians of each figure over all runs.
Figures medians(const std::vector<Figures>& runs) {
    std::map<std::string, std::vector<double>> values;
    for (const auto& figures : runs)
        for (const auto& [name, value] : figures) values[name].push_back(value);
    Figures result;
    for (const auto& [name, list] : values) result[name] = median(list);
    return result;
}

void print(const std::string& title, const Figures& figures) {
    std::cout << title << ":";
    for (const auto& [name, value] : figures)
        if (name != "peak") std::cout << "  " << name << ' ' << std::lround(value) << " ms";
    std::cout << '\n';
}

int report(const std::vector<Figures>& ours, const std::vector<Figures>& theirs) {
    std::vector<double> ratios;
    double peak = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        ratios.push_back(ours[i].at("total") / theirs[i].at("total"));
        peak = std::max(peak, ours[i].at("peak"));
    }
    std::cout << "\nmedians of " << ours.size() << " pairs\n";
    print("theirs", medians(theirs));
    print("ours", medians(ours));
    std::cout << "peak memory " << std::lround(peak / 1024) << " MiB (bar " << memory_bar_in_kib / 1024
              << " MiB)\n";
    const double ratio = median(ratios);
    const bool good = ratio <= bar && peak <= memory_bar_in_kib;
    std::cout << "reflash ratio=" << std::fixed << std::setprecision(3) << ratio
              << " bar=" << std::setprecision(2) << bar << (good ? " ok" : " short") << std::endl;
    return good ? 0 : 1;
}

int compare(const std::string& medkit) {
    Bench bench(medkit);
    const auto measured =
        measure_pairs<Figures>(pairs, bench, [](int pair, const Figures& ours, const Figures& theirs) {
            std::cout << "pair " << pair << ": ours " << std::lround(ours.at("total")) << " ms, theirs "
                      << std::lround(theirs.at("total")) << " ms\n"
                      << std::flush;
        });
    return report(measured.ours, measured.theirs);
}

}  // namespace

}  // namespace mox::bench

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const bool is_run_of_ours = arguments.size() == 4 && arguments[0] == "--ours";
    return mox::bench::run_with_medkit(
        "reflash", is_run_of_ours ? std::vector<std::string>() : arguments, [&](const std::string& medkit) {
            return is_run_of_ours ? mox::bench::run_ours({arguments[1], arguments[2], arguments[3]})
                                  : mox::bench::compare(medkit);
        });
}
