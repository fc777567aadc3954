#include "modes/medkit_download.hpp"

#include <utility>

#include "modes/memory_room.hpp"

namespace mox::modes {

namespace {

/// A signature has about 150 bytes.
constexpr Bytes largest_signature{16 << 10};
/// What a folder in memory takes besides the files in it.
constexpr Bytes bookkeeping{1 << 20};

/// One of the two files.
struct Part {
    const network::Url& url;
    const std::string& name;
    Bytes largest;
};

Expected<void> download_part(const MedkitOrder& order, const Part& part, const network::MemoryFolder& folder,
                             Log& log, const ByteProgress& progress) {
    const auto file = folder.create(part.name);
    if (!file) return std::unexpected(file.error());
    const network::DownloadRules rules{.authorities = order.authorities,
                                       .tls = order.tls,
                                       .family = order.family,
                                       .limits = {.largest = part.largest}};
    const network::DownloadTarget target{
        .file = file->get(), .room = memory_room(), .trouble = ErrorKind::medkit};
    auto size = network::download(part.url, target, rules, log, progress);
    if (!size) return pass_on(size, part.name);
    log.info("downloaded " + part.name + ", " + to_text(*size));
    return {};
}

Expected<std::string> file_name(const network::Url& url) {
    const auto& text = url.text();
    auto name = text.substr(text.rfind('/') + 1);
    if (!name.empty() && name != "." && name != ".." && name != url.host()) return name;
    return fail(ErrorKind::network, text + " names no file");
}

}  // namespace

Expected<DownloadedMedkit> download_medkit(const MedkitOrder& order, Log& log, const ByteProgress& progress) {
    auto name = file_name(order.medkit);
    if (!name) return pass_on(name);
    medkit::MedkitFiles files;
    files.archive = *name;
    files.signature = *name + ".sig";
    const auto signature = network::Url::parse(order.medkit.text() + ".sig");
    if (!signature) return std::unexpected(signature.error());
    const auto memory = memory_for_download();
    if (!memory) return std::unexpected(memory.error());
    auto folder = network::MemoryFolder::make(*memory + largest_signature + bookkeeping);
    if (!folder) return pass_on(folder);

    const Part first{*signature, *files.signature, largest_signature};
    if (auto done = download_part(order, first, *folder, log, {}); !done) return pass_on(done);
    const Part second{order.medkit, files.archive, *memory};
    if (auto done = download_part(order, second, *folder, log, progress); !done) return pass_on(done);
    return DownloadedMedkit(std::move(*folder), std::move(files));
}

}  // namespace mox::modes
