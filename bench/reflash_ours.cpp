#include "reflash_ours.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>

#include "base/file.hpp"
#include "base/units.hpp"
#include "busy_threads.hpp"
#include "medkit/archive.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/verify.hpp"

namespace mox::bench {

namespace {

using namespace unit_literals;

Expected<medkit::VerifiedMedkit> verify(const OurRun& run) {
    const auto drive = open_file(run.drive, O_RDONLY | O_DIRECTORY, ErrorKind::medkit);
    if (!drive) return std::unexpected(drive.error());
    const auto found = medkit::find_medkits(drive->get(), {});
    if (!found) return std::unexpected(found.error());
    if (found->medkits.empty()) return fail(ErrorKind::medkit, "no medkit in " + run.drive.native());
    medkit::VerifyRules rules;
    rules.archive.capacity = 3_GiB;
    rules.archive.required_files = {{"boot/Image"}, {"boot/armada-3720-turris-mox.dtb"}, {"boot/boot.scr"}};
    rules.keys.directory = run.keys;
    rules.signature = medkit::SignatureNeed::required;
    return medkit::verify_medkit(drive->get(), found->medkits.front(), rules, {});
}

Expected<void> unpack(const medkit::VerifiedArchive& archive, int root) {
    return medkit::unpack_archive(archive.file.get(), archive.name, root, archive.summary, {});
}

Expected<void> sync(int root) {
    if (::syncfs(root) != 0) return fail_errno(ErrorKind::card, "syncfs");
    return {};
}

/// Calls `step` and prints how long it took.
template <typename Step>
auto timed(const std::string& name, const Step& step) {
    const auto start = Clock::now();
    auto result = step();
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    std::cout << name << ' ' << took.count() << '\n';
    return result;
}

/// Peak of this program alone: getrusage would count what the process was before exec.
std::string peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:" && status >> word) return word;
    return "unknown";
}

Expected<void> run_steps(const OurRun& run) {
    const auto root = open_file(run.target, O_RDONLY | O_DIRECTORY, ErrorKind::card);
    if (!root) return std::unexpected(root.error());
    auto verified = timed("verify", [&] { return verify(run); });
    if (!verified) return pass_on(verified);
    if (auto done = timed("unpack", [&] { return unpack(verified->base, root->get()); }); !done) return done;
    return timed("sync", [&] { return sync(root->get()); });
}

}  // namespace

int run_ours(const OurRun& run) {
    BusyThreads threads;
    if (const auto done = run_steps(run); !done) {
        std::cerr << done.error().describe() << '\n';
        return led_code(done.error().kind());
    }
    for (const auto& [name, busy] : threads.stop()) {
        std::string word = "thread:" + name;
        std::ranges::replace(word, ' ', '-');
        std::cout << word << ' ' << std::chrono::duration<double, std::milli>(busy).count() << '\n';
    }
    std::cout << "peak " << peak_memory() << '\n';
    return 0;
}

}  // namespace mox::bench
