#pragma once

#include <algorithm>
#include <exception>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace mox::bench {

/// Precondition: at least one value.
[[nodiscard]] inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    const auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// What two programs needed for the same work: one entry of each for a pair.
template <typename Figures>
struct Pairs {
    std::vector<Figures> ours, theirs;
};

/// Runs `bench.ours()` and `bench.theirs()` in pairs, of which every second one begins with theirs: what else
/// the machine does meanwhile meets both. A first run of ours brings the input into the page cache. `print`
/// is called after each pair, with its number from 1.
template <typename Figures, typename Bench, typename Print>
[[nodiscard]] Pairs<Figures> measure_pairs(int count, Bench& bench, Print print) {
    (void)bench.ours();
    Pairs<Figures> pairs;
    for (int pair = 0; pair < count; ++pair) {
        const bool ours_first = pair % 2 == 0;
        if (ours_first) pairs.ours.push_back(bench.ours());
        pairs.theirs.push_back(bench.theirs());
        if (!ours_first) pairs.ours.push_back(bench.ours());
        print(pair + 1, pairs.ours.back(), pairs.theirs.back());
    }
    return pairs;
}

/// The main function of a benchmark with the command line `NAME [MEDKIT.tar.gz]`: the exit status.
[[nodiscard]] inline int run_with_medkit(const std::string& name, const std::vector<std::string>& arguments,
                                         const std::function<int(const std::string& medkit)>& compare) {
    try {
        if (arguments.size() > 1 || (arguments.size() == 1 && arguments[0].starts_with("-"))) {
            std::cerr << "usage: " << name << " [MEDKIT.tar.gz]   (needs root)\n";
            return 64;
        }
        return compare(arguments.empty() ? "" : arguments[0]);
    } catch (const std::exception& failure) {
        std::cerr << name << ": " << failure.what() << '\n';
        return 5;
    }
}

}  // namespace mox::bench
