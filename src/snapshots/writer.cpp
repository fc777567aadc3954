#include "snapshots/writer.hpp"

#include <utility>

#include "snapshots/interrupted.hpp"

namespace mox::snapshots {

Writer::Writer(const TopLevel& top, CardLock lock, std::vector<std::string> repairs)
    : top_(&top), lock_(std::move(lock)), repairs_(std::move(repairs)) {}

Expected<Writer> Writer::begin(const TopLevel& top, const Patience& patience) {
    auto lock = CardLock::acquire(top, patience);
    if (!lock) return pass_on(lock);
    auto repairs = finish_or_undo_interrupted(top);
    if (!repairs) return pass_on(repairs, "what an interrupted call left behind cannot be put right");
    return Writer(top, std::move(*lock), std::move(*repairs));
}

}  // namespace mox::snapshots
