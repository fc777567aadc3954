#include "update/card_plan.hpp"

#include <cerrno>

namespace mox::update {

namespace {

using namespace unit_literals;

// A file takes whole blocks of 4 KiB; its inode, name and xattrs take about the same space in the metadata,
// which btrfs stores twice.
constexpr Bytes overhead_per_entry = 12_KiB;
/// Two items for the name in its directory and one in the inode, stored twice, with a name of 255 bytes.
constexpr Bytes overhead_per_hard_link = 2_KiB;
constexpr Bytes reserve = 32_MiB;

Bytes needed_for(const medkit::ArchiveSummary& archive) {
    return archive.unpacked + overhead_per_entry * (archive.entries - archive.hard_links) +
           overhead_per_hard_link * archive.hard_links + archive.attributes * 2;
}

}  // namespace

Bytes space_needed(const medkit::VerifiedMedkit& medkit) {
    Bytes needed = reserve + needed_for(medkit.base.summary);
    if (medkit.extra) needed += needed_for(medkit.extra->summary);
    return needed;
}

Expected<CardPlan> plan_card(const storage::CardReport& card, Bytes needed, Bytes capacity_after_format) {
    if (needed > capacity_after_format)
        return fail(ErrorKind::card,
                    "the card is too small: the medkit needs " + to_text(needed) + ", and the card holds " +
                        to_text(capacity_after_format),
                    {"use a larger card"});
    if (card.state != storage::CardState::healthy) return CardPlan{Approach::format, card.reason};
    if (card.free < needed)
        return CardPlan{Approach::format, "only " + to_text(card.free) + " are free beside the old system, " +
                                              to_text(needed) + " are needed"};
    return CardPlan{Approach::build_beside, {}};
}

AfterFailedBuild after_failed_build(const Error& error, const CardSpace& space) {
    const bool fits = space.needed <= space.capacity_after_format;
    if (error.kind() != ErrorKind::card || !fits) return AfterFailedBuild::leave_old_system;
    switch (error.reason()) {
        case EIO:
        case EROFS:
        case EUCLEAN:
            return AfterFailedBuild::format;
        case ENOSPC:
            return space.free < space.needed ? AfterFailedBuild::format : AfterFailedBuild::leave_old_system;
        default:
            return AfterFailedBuild::leave_old_system;
    }
}

}  // namespace mox::update
