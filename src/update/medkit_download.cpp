#include "update/medkit_download.hpp"

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "medkit/source_file.hpp"
#include "update/free_memory.hpp"
#include "update/medkit_parts.hpp"

namespace mox::update {

namespace {

/// Memory that a directory in memory needs besides its files.
constexpr Bytes directory_overhead{1 << 20};

/// One file to download.
struct Part {
    const network::Url& url;
    const std::string& name;
    Bytes largest;
    std::string begins_with;
};

Expected<void> download_part(const DownloadRequest& request, const Part& part,
                             const network::MemoryDirectory& directory, Log& log,
                             const ByteProgress& progress) {
    const auto file = TRY(directory.create(part.name));
    const network::DownloadRules rules{.authorities = request.authorities,
                                       .tls = request.tls,
                                       .family = request.family,
                                       .limits = {.largest = part.largest}};
    const network::DownloadTarget target{.file = file.get(),
                                         .check_free_space = free_memory(),
                                         .write_error = ErrorKind::medkit,
                                         .begins_with = part.begins_with};
    auto size = TRY(network::download(part.url, target, rules, log, progress), part.name);
    log.info("downloaded " + part.name + ", " + to_text(size));
    return {};
}

Expected<void> check_stored_companion(const network::MemoryDirectory& directory, const std::string& name,
                                      std::string_view ending) {
    auto source = TRY(medkit::open_source_file(directory.fd(), name));
    auto text = TRY(read_to_end(source.file.get(), name, ErrorKind::medkit, largest_companion));
    return check_companion(text, name, ending);
}

Expected<void> download_companion(const DownloadRequest& request, const std::string& name,
                                  std::string_view ending, const network::MemoryDirectory& directory,
                                  Log& log) {
    const auto url = TRY(network::Url::parse(request.medkit.text() + std::string(ending)));
    const Part part{url, name, largest_companion, beginning_of_companion(ending)};
    auto done = download_part(request, part, directory, log, {});
    if (done) done = check_stored_companion(directory, name, ending);
    if (!done)
        ::unlinkat(directory.fd(), name.c_str(), 0);  // an incomplete file would be read as a companion
    return done;
}

/// Tries all of them, because their names do not show which ones exist. Errors: none exists; the error of the
/// first one.
Expected<void> download_any_checksum(const DownloadRequest& request, medkit::MedkitFiles& files,
                                     const network::MemoryDirectory& directory, Log& log) {
    std::optional<Error> failure;
    const auto take = [&](std::optional<std::string>& companion, std::string_view ending) {
        auto name = files.archive + std::string(ending);
        auto done = download_companion(request, name, ending, directory, log);
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

}  // namespace

Expected<DownloadedMedkit> download_medkit(const DownloadRequest& request, Log& log,
                                           const ByteProgress& progress) {
    auto name = TRY(file_name(request.medkit));
    medkit::MedkitFiles files;
    files.archive = name;
    const auto memory = TRY(memory_for_download());
    auto directory = TRY(network::MemoryDirectory::make(memory + largest_companion + directory_overhead));

    Expected<void> companions;
    if (request.companions == Companions::signature) {
        files.signature = name + ".sig";
        companions = download_companion(request, *files.signature, ".sig", directory, log);
    } else {
        companions = download_any_checksum(request, files, directory, log);
    }
    if (!companions) return pass_on(companions);
    const Part archive{request.medkit, files.archive, memory, std::string(gzip_beginning)};
    TRY(download_part(request, archive, directory, log, progress));
    return DownloadedMedkit(std::move(directory), std::move(files));
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
    const auto given = setting("rescue_url", board.medkit_url, command_line, environment);
    auto directory = TRY(network::Url::parse(given.text), "rescue_url of the " + std::string(given.source));
    const auto tls =
        setting("rescue_tls", board.tls_strict ? "strict" : "relaxed", command_line, environment);
    return InternetSource{
        .directory = std::move(directory),
        .tls = tls.text == "relaxed" ? network::TlsPolicy::relaxed : network::TlsPolicy::strict,
    };
}

}  // namespace mox::update
