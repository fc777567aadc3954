#include "medkit/verify.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/interruption.hpp"
#include "medkit/auth_files.hpp"
#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t block_size = 256 << 10;

/// An archive whose signature and checksum files were read, and whose own bytes were not.
struct Opened {
    SourceFile source;
    AuthFiles auth_files;
};

Expected<Opened> open_archive(int directory, const ArchiveNames& names, const VerifyRules& rules) {
    if (rules.signature == SignatureNeed::required && !names.signature)
        return fail(ErrorKind::medkit,
                    printable_name(names.archive) +
                        " has no signature beside it, and this router takes signed medkits only",
                    {"download " + printable_name(names.archive) + ".sig as well"});
    auto source = TRY(open_source_file(directory, names.archive));
    auto auth_files = TRY(read_auth_files(directory, names, rules.keys));
    return Opened{std::move(source), std::move(auth_files)};
}

/// Hashes the whole file without parsing it. Errors (`medkit`): it cannot be read.
Expected<Digests> compute_digests(const Opened& opened) {
    DigestCollector collector(opened.auth_files);
    auto listeners = collector.listeners();
    Sha256 sha256;
    std::vector<std::byte> block(block_size);
    for (off_t offset = 0;;) {
        TRY(fail_if_stopped());
        const ssize_t got = ::pread(opened.source.file.get(), block.data(), block.size(), offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_reading(opened.source.name, errno);
        if (got == 0) return collector.finish(sha256.finish());
        const auto piece = std::span<const std::byte>(block).first(static_cast<std::size_t>(got));
        sha256.update(piece);
        for (auto& listener : listeners) listener(piece);
        offset += got;
    }
}

/// How far a medkit is read to find out how large a card it needs.
constexpr Bytes largest_measured{8ULL << 30};

/// The error of an intact archive that is larger than the capacity, with its size. Reads it once more.
Error measure(Error error, const Opened& opened, const ArchiveRules& rules) {
    auto larger = rules;
    larger.capacity = std::max(rules.capacity, largest_measured);
    const auto name = printable_name(opened.source.name);
    const auto summary = inspect_archive(opened.source.file.get(), name, larger, {}, {});
    if (!summary && summary.error().reason() != EFBIG) return error;  // it is bad as well
    const auto size = summary ? to_text(summary->unpacked) : "more than " + to_text(larger.capacity);
    return Error(ErrorKind::medkit,
                 name + ": the content does not fit: unpacked it is " + size + ", and there is room for " +
                     to_text(rules.capacity),
                 ENOSPC)
        .with_hint({error.hint()});
}

/// Adds a hint to the error of an archive that cannot be used: it was damaged in transfer, it was made like
/// this, or the drive fails. Reads the file again, which costs time only after an error.
Error explain(Error error, const Opened& opened, const ArchiveRules& rules) {
    if (opened.source.size > rules.capacity) return error;  // too large to read again for a hint
    auto digests = compute_digests(opened);
    if (!digests) return std::move(digests).error();
    if (!opened.auth_files.any()) return error;
    const bool intact = compare(opened.auth_files, *digests).has_value();
    if (!intact)
        return std::move(error).replace_hint(
            {"its checksum or signature does not match either, so it was damaged on its way: " +
             std::string(copy_again)});
    // To copy it again is of no use then; any other advice is.
    const bool other_advice = !error.hint().empty() && error.hint() != copy_again;
    const auto advice = other_advice ? error.hint() : std::string("take another medkit");
    const bool is_too_large = error.reason() == EFBIG;
    auto explained = std::move(error).replace_hint(
        {"its checksum or signature is right, so it was made like this: " + advice});
    return is_too_large ? measure(std::move(explained), opened, rules) : std::move(explained);
}

Expected<VerifiedArchive> verify_archive(Opened opened, const ArchiveRules& rules,
                                         const ByteProgress& progress) {
    DigestCollector collector(opened.auth_files);
    auto summary = inspect_archive(opened.source.file.get(), printable_name(opened.source.name), rules,
                                   collector.listeners(), progress);
    if (!summary) return std::unexpected(explain(std::move(summary).error(), opened, rules));
    TRY(compare(opened.auth_files, collector.finish(summary->sha256)));

    VerifiedArchive verified;
    verified.name = opened.source.name;
    verified.file = std::move(opened.source.file);
    verified.summary = std::move(*summary);
    verified.sha256_matched = opened.auth_files.sha256.has_value();
    verified.md5_matched = opened.auth_files.md5.has_value();
    if (opened.auth_files.signature) verified.signer = opened.auth_files.key.number;
    return verified;
}

/// The part of the total progress that belongs to one of several files.
ByteProgress part_of(const ByteProgress& progress, Bytes before, Bytes total) {
    return [progress, before, total](Bytes done, Bytes) {
        if (progress) progress(before + done, total);
    };
}

TrustLevel trust_in(const VerifiedArchive& archive) {
    if (archive.signer) return TrustLevel::signed_by_trusted_key;
    return archive.sha256_matched || archive.md5_matched ? TrustLevel::checksummed : TrustLevel::unverified;
}

/// Rules for an archive that is unpacked over `base`: the rest of the capacity, and the contents of `base`.
ArchiveRules rules_over(const VerifiedArchive& base, const ArchiveRules& rules) {
    auto over = rules;
    over.capacity = rules.capacity - base.summary.unpacked;
    over.unpacked_over = &base.summary.contents;
    return over;
}

ArchiveNames base_names(const MedkitFiles& files) {
    return {files.archive, files.signature, files.sha256, files.md5};
}

ArchiveNames extra_names(const MedkitFiles& files) {
    return {*files.extra, files.extra_signature, files.extra_sha256, files.extra_md5};
}

VerifiedMedkit verified_medkit(VerifiedArchive base, std::optional<VerifiedArchive> extra,
                               const VerifyRules& rules) {
    VerifiedMedkit medkit;
    medkit.missing =
        missing_files(extra ? extra->summary.contents : base.summary.contents, rules.wanted_files);
    medkit.trust = trust_in(base);
    if (extra) medkit.trust = std::min(medkit.trust, trust_in(*extra));
    if (base.signer) medkit.signer = to_text(*base.signer);
    base.summary.contents = {};
    if (extra) extra->summary.contents = {};
    medkit.base = std::move(base);
    medkit.extra = std::move(extra);
    return medkit;
}

}  // namespace

std::vector<std::string> missing_files(const ArchiveContents& contents,
                                       const std::vector<std::vector<std::string>>& groups) {
    return first_names(groups_without_file(contents, groups));
}

Expected<VerifiedMedkit> verify_medkit(int directory, const MedkitFiles& files, const VerifyRules& rules,
                                       const ByteProgress& progress) {
    auto base_source = TRY(open_archive(directory, base_names(files), rules));
    std::optional<Opened> extra_source;
    if (files.extra) {
        auto opened = TRY(open_archive(directory, extra_names(files), rules));
        extra_source = std::move(opened);
    }

    const Bytes base_size = base_source.source.size;
    const Bytes total = base_size + (extra_source ? extra_source->source.size : Bytes{});
    auto base = TRY(verify_archive(std::move(base_source), rules.archive, part_of(progress, Bytes{}, total)));
    if (!extra_source) return verified_medkit(std::move(base), std::nullopt, rules);
    auto extra = TRY(verify_archive(std::move(*extra_source), rules_over(base, rules.archive),
                                    part_of(progress, base_size, total)));
    return verified_medkit(std::move(base), std::move(extra), rules);
}

}  // namespace mox::medkit
