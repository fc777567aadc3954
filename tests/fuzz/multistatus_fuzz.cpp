// What a WebDAV server answers to PROPFIND, and the info file of a backup: both are written by strangers.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "remote/backup.hpp"
#include "remote/multistatus.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mox::remote;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    MultistatusReader whole("/dav/b");
    MultistatusReader in_pieces("/dav/b");
    const auto files = [&]() -> mox::Expected<std::vector<RemoteFile>> {
        TRY(whole.add(text));
        return whole.finish();
    }();
    const auto same_files = [&]() -> mox::Expected<std::vector<RemoteFile>> {
        TRY(in_pieces.add(text.substr(0, size / 2)));
        TRY(in_pieces.add(text.substr(size / 2)));
        return in_pieces.finish();
    }();
    if (files.has_value() != same_files.has_value()) std::abort();
    if (files) {
        if (files->size() != same_files->size()) std::abort();
        for (const auto& file : *files)
            if (!is_plain_name(file.name)) std::abort();
    }

    // What is read from an info file is what is written from it.
    const auto info = mox::snapshots::parse_info(text);
    const auto origin = origin_in(info);
    const auto again = origin_in(mox::snapshots::parse_info(format_info(with_origin(info, origin))));
    if (again.system != origin.system || again.snapshot != origin.snapshot || again.number != origin.number ||
        again.size != origin.size || again.sha256 != origin.sha256 || again.by != origin.by)
        std::abort();
    return 0;
}
