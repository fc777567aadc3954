// `schnapps factory-version`.

#include <fcntl.h>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/description.hpp"
#include "snapshots/listing.hpp"

namespace mox::cli::schnapps {

namespace {

/// Limit of the size of etc/turris-version, whose content is "7.2.3".
constexpr Bytes longest_version{4096};

Expected<Command> make(const Parsed&) {
    return FactoryVersion{};
}

}  // namespace

const Entry factory_version_command{
    {.name = "factory-version", .help = "show the version of the factory image"}, &make};

Expected<std::string> run(const FactoryVersion&, Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::read));
    TRY(snapshots::require_usable(top, snapshots::Factory{}));
    const auto path = std::string(snapshots::factory_name) + "/etc/turris-version";
    const UniqueFd file(
        ::openat(top.directory(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file)
        return fail_errno(ErrorKind::snapshot, "the version of the factory image cannot be read: " + path);
    auto text = TRY(read_to_end(file.get(), path, ErrorKind::snapshot, longest_version));
    const auto version = snapshots::escaped_for_display(text.substr(0, text.find('\n')));
    if (session.json()) return json_of({{"version", version}});
    return version + "\n";
}

}  // namespace mox::cli::schnapps
