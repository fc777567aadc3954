#include "modes/medkit_download.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "medkit/signature.hpp"
#include "medkit/source_file.hpp"
#include "modes/memory_room.hpp"

namespace mox::modes {

namespace {

/// A signature has about 150 bytes.
constexpr Bytes largest_signature{16 << 10};
/// First words of every signature of signify and usign.
constexpr std::string_view signature_beginning = "untrusted comment:";
/// RFC 1952, 2.3.1.
constexpr std::string_view gzip_beginning = "\x1f\x8b";
/// What a folder in memory takes besides the files in it.
constexpr Bytes bookkeeping{1 << 20};

/// One of the two files.
struct Part {
    const network::Url& url;
    const std::string& name;
    Bytes largest;
    std::string begins_with;
};

Expected<void> download_part(const MedkitOrder& order, const Part& part, const network::MemoryFolder& folder,
                             Log& log, const ByteProgress& progress) {
    const auto file = folder.create(part.name);
    if (!file) return std::unexpected(file.error());
    const network::DownloadRules rules{.authorities = order.authorities,
                                       .tls = order.tls,
                                       .family = order.family,
                                       .limits = {.largest = part.largest}};
    const network::DownloadTarget target{.file = file->get(),
                                         .room = memory_room(),
                                         .trouble = ErrorKind::medkit,
                                         .begins_with = part.begins_with};
    auto size = network::download(part.url, target, rules, log, progress);
    if (!size) return pass_on(size, part.name);
    log.info("downloaded " + part.name + ", " + to_text(*size));
    return {};
}

/// One that is damaged is not worth the wait for the medkit.
Expected<void> check_signature(const network::MemoryFolder& folder, const std::string& name) {
    auto source = medkit::open_source_file(folder.fd(), name);
    if (!source) return pass_on(source);
    auto text = read_to_end(source->file.get(), name, ErrorKind::medkit, largest_signature);
    if (!text) return pass_on(text);
    auto signature = medkit::parse_signature(*text);
    if (!signature) return pass_on(signature, name);
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

    const Part first{*signature, *files.signature, largest_signature, std::string(signature_beginning)};
    if (auto done = download_part(order, first, *folder, log, {}); !done) return pass_on(done);
    if (auto sound = check_signature(*folder, *files.signature); !sound) return pass_on(sound);
    const Part second{order.medkit, files.archive, *memory, std::string(gzip_beginning)};
    if (auto done = download_part(order, second, *folder, log, progress); !done) return pass_on(done);
    return DownloadedMedkit(std::move(*folder), std::move(files));
}

}  // namespace mox::modes
