#include "update/medkit_download.hpp"

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "medkit/checksum_file.hpp"
#include "medkit/signature.hpp"
#include "medkit/source_file.hpp"
#include "update/free_memory.hpp"

namespace mox::update {

namespace {

/// A signature has about 150 bytes, a checksum with its name less.
constexpr Bytes largest_companion{16 << 10};
/// First words of every signature of signify and usign.
constexpr std::string_view signature_beginning = "untrusted comment:";
/// RFC 1952, 2.3.1.
constexpr std::string_view gzip_beginning = "\x1f\x8b";
/// What a folder in memory takes besides the files in it.
constexpr Bytes bookkeeping{1 << 20};

/// One of the files.
struct Part {
    const network::Url& url;
    const std::string& name;
    Bytes largest;
    std::string begins_with;
};

Expected<void> download_part(const DownloadRequest& order, const Part& part,
                             const network::MemoryFolder& folder, Log& log, const ByteProgress& progress) {
    const auto file = TRY(folder.create(part.name));
    const network::DownloadRules rules{.authorities = order.authorities,
                                       .tls = order.tls,
                                       .family = order.family,
                                       .limits = {.largest = part.largest}};
    const network::DownloadTarget target{.file = file.get(),
                                         .room = free_memory(),
                                         .trouble = ErrorKind::medkit,
                                         .begins_with = part.begins_with};
    auto size = TRY(network::download(part.url, target, rules, log, progress), part.name);
    log.info("downloaded " + part.name + ", " + to_text(size));
    return {};
}

/// One that is damaged is not worth the wait for the medkit.
Expected<void> check_companion(const network::MemoryFolder& folder, const std::string& name,
                               std::string_view ending) {
    auto source = TRY(medkit::open_source_file(folder.fd(), name));
    auto text = TRY(read_to_end(source.file.get(), name, ErrorKind::medkit, largest_companion));
    const auto archive = std::string_view(name).substr(0, name.size() - ending.size());
    const auto check = [&](const auto& parsed) -> Expected<void> {
        if (!parsed) return std::unexpected(parsed.error());
        return {};
    };
    TRY(ending == ".sig"      ? check(medkit::parse_signature(text))
        : ending == ".sha256" ? check(medkit::read_sha256_file(text, archive))
                              : check(medkit::read_md5_file(text, archive)),
        name);
    return {};
}

Expected<void> download_companion(const DownloadRequest& order, const std::string& name,
                                  std::string_view ending, const network::MemoryFolder& folder, Log& log) {
    const auto url = TRY(network::Url::parse(order.medkit.text() + std::string(ending)));
    const Part part{url, name, largest_companion, std::string(ending == ".sig" ? signature_beginning : "")};
    auto done = download_part(order, part, folder, log, {});
    if (done) done = check_companion(folder, name, ending);
    if (!done) ::unlinkat(folder.fd(), name.c_str(), 0);  // a part of it would be taken for it
    return done;
}

/// Which of them there are, only the server knows. Errors: there is none; why the first one did not come.
Expected<void> download_any_checksum(const DownloadRequest& order, medkit::MedkitFiles& files,
                                     const network::MemoryFolder& folder, Log& log) {
    std::optional<Error> failure;
    const auto take = [&](std::optional<std::string>& companion, std::string_view ending) {
        auto name = files.archive + std::string(ending);
        auto done = download_companion(order, name, ending, folder, log);
        if (done)
            companion = std::move(name);
        else if (!failure)
            failure = std::move(done).error();
    };
    take(files.sha256, ".sha256");
    take(files.md5, ".md5");
    take(files.signature, ".sig");
    if (files.sha256 || files.md5 || files.signature) return {};
    return std::unexpected(std::move(*failure));
}

Expected<std::string> file_name(const network::Url& url) {
    const auto& text = url.text();
    auto name = text.substr(text.rfind('/') + 1);
    if (!name.empty() && name != "." && name != ".." && name != url.host()) return name;
    return fail(ErrorKind::network, text + " names no file");
}

}  // namespace

Expected<DownloadedMedkit> download_medkit(const DownloadRequest& order, Log& log,
                                           const ByteProgress& progress) {
    auto name = TRY(file_name(order.medkit));
    medkit::MedkitFiles files;
    files.archive = name;
    const auto memory = TRY(memory_for_download());
    auto folder = TRY(network::MemoryFolder::make(memory + largest_companion + bookkeeping));

    Expected<void> companions;
    if (order.companions == Companions::signature) {
        files.signature = name + ".sig";
        companions = download_companion(order, *files.signature, ".sig", folder, log);
    } else {
        companions = download_any_checksum(order, files, folder, log);
    }
    if (!companions) return pass_on(companions);
    const Part archive{order.medkit, files.archive, memory, std::string(gzip_beginning)};
    TRY(download_part(order, archive, folder, log, progress));
    return DownloadedMedkit(std::move(folder), std::move(files));
}

namespace {

struct Setting {
    std::string text;
    std::string_view source;
};

Setting setting(std::string_view name, std::string_view default_text,
                const boot::KernelCommandLine& command_line, const boot::Environment& environment) {
    if (auto text = command_line.value(name)) return {std::move(*text), "kernel command line"};
    if (auto text = environment.get(name)) return {std::move(*text), "boot environment"};
    return {std::string(default_text), "board"};
}

}  // namespace

Expected<InternetSource> read_internet_source(const board::Description& board,
                                              const boot::KernelCommandLine& command_line,
                                              const boot::Environment& environment) {
    const auto given = setting("rescue_url", board.medkit_folder, command_line, environment);
    auto folder = TRY(network::Url::parse(given.text), "rescue_url of the " + std::string(given.source));
    const auto tls =
        setting("rescue_tls", board.tls_strict ? "strict" : "relaxed", command_line, environment);
    return InternetSource{
        .folder = std::move(folder),
        .tls = tls.text == "relaxed" ? network::TlsPolicy::relaxed : network::TlsPolicy::strict,
    };
}

std::string latest_medkit_name(const std::string& variant) {
    return "mox-medkit" + variant + "-latest.tar.gz";
}

}  // namespace mox::update
