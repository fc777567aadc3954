#include "remote/download.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "snapshots/info_file.hpp"

namespace mox::remote {

namespace {

constexpr auto kind = ErrorKind::network;
constexpr Bytes largest_sum_file{4096};

/// The sum that the archive must have; nullopt: it is not known.
Result<std::optional<medkit::Sha256Digest>> expected_sum(Store& store, const Backup& backup,
                                                         const Patience& patience) {
    if (backup.origin.sha256) return backup.origin.sha256;
    const auto name = backup.archive + std::string(sum_ending);
    auto text = patiently(patience, [&] { return get_text(store, name, largest_sum_file); });
    if (!text && text.error().cause == Cause::missing) return std::nullopt;
    if (!text) return std::unexpected(std::move(text).error());
    auto sum = medkit::from_hex<medkit::Sha256Digest>(std::string_view(*text).substr(0, 64));
    if (!sum) return failed(Cause::wrong_answer, Error(kind, name + " holds no SHA-256 sum"));
    return sum;
}

}  // namespace

Result<FileSum> read_whole(Store& store, const std::string& name, Bytes size, const ByteSink& sink,
                           const Patience& patience, const ByteProgress& progress) {
    FileSum sum;
    medkit::Sha256 hash;
    network::Retries retries(patience.rules);
    while (true) {
        const auto before = sum.size;
        auto got = store.get(name, sum.size, [&](std::string_view bytes) -> Expected<void> {
            TRY(sink(bytes));
            hash.update(std::as_bytes(std::span(bytes)));
            sum.size += Bytes{bytes.size()};
            if (progress) progress(sum.size, std::max(size, sum.size));
            return {};
        });
        // Some servers end a connection that breaks off as if the file ended there.
        if (got && sum.size < size)
            got = failed(Cause::unreachable,
                         Error(kind, name + ": the connection broke off after " + to_text(sum.size)));
        if (got) break;
        if (got.error().cause != Cause::unreachable) return std::unexpected(std::move(got).error());
        TRY(patience.before_next_try(retries, got.error(), sum.size - before));
    }
    sum.sha256 = hash.finish();
    return sum;
}

Result<std::vector<Backup>> backups_among(Store& store, const std::vector<RemoteFile>& files,
                                          const Patience& patience) {
    std::vector<Backup> backups;
    for (auto& name : names_in(files)) {
        const auto info = name + std::string(info_ending);
        auto text = patiently(patience, [&] { return get_text(store, info, snapshots::largest_info_file); });
        if (!text && text.error().cause == Cause::missing) continue;  // it was removed meanwhile
        const bool is_no_info = !text && text.error().cause == Cause::wrong_answer;
        if (!text && !is_no_info) return std::unexpected(std::move(text).error());
        auto& backup = backups.emplace_back(backup_in(files, std::move(name), text.value_or("")));
        if (is_no_info) backup.flaw = "its info file is too large";
    }
    return backups;
}

Result<std::vector<Backup>> list_backups(Store& store, const Patience& patience) {
    const auto files = TRY(patiently(patience, [&] { return store.list(); }));
    return backups_among(store, files, patience);
}

Result<Verified> read_archive(Store& store, const Backup& backup, const ByteSink& sink,
                              const Patience& patience, const ByteProgress& progress) {
    const auto expected = TRY(expected_sum(store, backup, patience));
    const auto size = backup.origin.size ? backup.origin.size : backup.size;
    const auto sum = TRY(read_whole(store, backup.archive, size.value_or(Bytes{}), sink, patience, progress));
    if (size && sum.size != *size)
        return failed(Cause::wrong_answer,
                      Error(kind, backup.archive + " has " + std::to_string(sum.size.count) +
                                      " bytes in place of " + std::to_string(size->count)));
    if (!expected) return Verified::no_sum;
    if (sum.sha256 != *expected)
        return failed(
            Cause::wrong_answer,
            Error(kind, backup.archive + " is damaged: its SHA-256 sum is not the one of its upload"));
    return Verified::by_sum;
}

}  // namespace mox::remote
