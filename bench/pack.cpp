// Packing a root file system against `tar | pigz`: the same tree, the same disk, everything in the page
// cache, runs in pairs that alternate in order. Both write a file that is not on the disk yet when the time
// ends for tar and pigz; ours is on the disk, with checksums beside it. Ends with "pack ratio=... bar=...
// ok|short"; the exit status says the same.
//
// The ratio is that of the elapsed times. On a machine that others use, too, the processor time (user and
// system, of all threads and processes) says more: it is printed, with its own ratio.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <exception>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "base/child_process.hpp"
#include "base/units.hpp"
#include "medkit/pack.hpp"
#include "pairs.hpp"
#include "support/temporary_directory.hpp"
#include "synthetic_medkit.hpp"

namespace mox::bench {

namespace {

namespace fs = std::filesystem;

constexpr double bar = 0.35;
constexpr double size_bar = 1.03;
constexpr int pairs = 7;

struct Run {
    double seconds = 0;
    double processor_seconds = 0;
    double peak_in_mib = 0;
    double bytes = 0;
};

double median_of(const std::vector<Run>& runs, double Run::* figure) {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const auto& run : runs) values.push_back(run.*figure);
    return median(values);
}

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Runs `work` in a process of its own, and counts what it and its children use.
Run measured(const fs::path& output, const std::function<int()>& work) {
    const auto start = Clock::now();
    const pid_t pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) ::_exit(work());
    int status = 0;
    rusage used{};
    while (::wait4(pid, &status, 0, &used) < 0 && errno == EINTR) {
    }
    const std::chrono::duration<double> took = Clock::now() - start;
    if (status != 0) throw std::runtime_error("packing failed");
    return {.seconds = took.count(),
            .processor_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
            .peak_in_mib = static_cast<double>(used.ru_maxrss) / 1024,
            .bytes = static_cast<double>(fs::file_size(output))};
}

int pack(const fs::path& tree, const fs::path& output) {
    const auto packed = medkit::pack_medkit(tree, output, nullptr, {});
    if (!packed) std::cerr << packed.error().describe() << std::endl;
    return packed ? 0 : 1;
}

int run_shell(const std::string& command) {
    ::execlp("sh", "sh", "-c", command.c_str(), nullptr);
    return 127;
}

class Bench {
public:
    explicit Bench(fs::path medkit) {
        fs::create_directory(tree_);
        if (medkit.empty()) {
            medkit = folder_ / "medkit.tar.gz";
            write_synthetic_medkit(medkit);
        }
        const auto unpacked =
            run_child({"tar", "--numeric-owner", "-C", tree_.native(), "-xpzf", medkit.native()},
                      std::chrono::minutes(5));
        if (!unpacked || !unpacked->succeeded()) throw std::runtime_error("tar cannot unpack the medkit");
    }

    Run ours() const {
        return measured(ours_, [&] { return pack(tree_, ours_); });
    }
    Run theirs() const {
        // The names have no characters that a shell treats specially.
        return measured(theirs_, [&] {
            return run_shell("tar -C " + tree_.native() + " -cf - . | pigz > " + theirs_.native());
        });
    }

private:
    test_support::TemporaryDirectory folder_;
    fs::path tree_ = folder_ / "tree", ours_ = folder_ / "ours.tar.gz", theirs_ = folder_ / "theirs.tar.gz";
};

void print(const std::string& who, const std::vector<Run>& runs) {
    std::cout << std::fixed << std::setprecision(2) << who << ": " << median_of(runs, &Run::seconds) << " s, "
              << median_of(runs, &Run::processor_seconds) << " s of processor time, " << std::setprecision(1)
              << median_of(runs, &Run::bytes) / 1e6 << " MB, peak " << median_of(runs, &Run::peak_in_mib)
              << " MiB\n";
}

double median_ratio(const std::vector<Run>& ours, const std::vector<Run>& theirs, double Run::* figure) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i].*figure / (theirs[i].*figure));
    return median(ratios);
}

int report(const std::vector<Run>& ours, const std::vector<Run>& theirs) {
    std::cout << "\nmedians of " << ours.size() << " pairs\n";
    print("tar | pigz", theirs);
    print("ours      ", ours);
    const double size = median_ratio(ours, theirs, &Run::bytes);
    std::cout << std::setprecision(3)
              << "processor time: " << median_ratio(ours, theirs, &Run::processor_seconds)
              << " of tar | pigz\n"
              << "size: " << size << " of tar | pigz (bar " << size_bar << ")\n";
    const double ratio = median_ratio(ours, theirs, &Run::seconds);
    const bool good = ratio <= bar && size <= size_bar;
    std::cout << "pack ratio=" << ratio << " bar=" << std::setprecision(2) << bar << (good ? " ok" : " short")
              << std::endl;
    return good ? 0 : 1;
}

int compare(const std::string& medkit) {
    const Bench bench(medkit);
    const auto measured_pairs =
        measure_pairs<Run>(pairs, bench, [](int pair, const Run& ours, const Run& theirs) {
            std::cout << std::fixed << std::setprecision(2) << "pair " << pair << ": ours " << ours.seconds
                      << " s (" << ours.processor_seconds << " s of processor time), theirs "
                      << theirs.seconds << " s (" << theirs.processor_seconds << " s)\n"
                      << std::flush;
        });
    return report(measured_pairs.ours, measured_pairs.theirs);
}

}  // namespace

}  // namespace mox::bench

int main(int argc, char** argv) {
    return mox::bench::run_with_medkit("pack", {argv + 1, argv + argc}, mox::bench::compare);
}
