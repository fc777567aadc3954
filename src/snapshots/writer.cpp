#include "snapshots/writer.hpp"

#include <utility>

#include "snapshots/interrupted.hpp"

namespace mox::snapshots {

Writer::Writer(const TopLevel& top, CardLock lock, Commit commit, std::vector<std::string> repairs)
    : top_(&top), lock_(std::move(lock)), commit_(std::move(commit)), repairs_(std::move(repairs)) {}

Expected<Writer> Writer::begin(const TopLevel& top, const Patience& patience) {
    auto lock = TRY(CardLock::acquire(top, patience));
    auto commit = TRY(Commit::begin());
    auto repairs =
        TRY(finish_or_undo_interrupted(top), "what an interrupted call left behind cannot be put right");
    return Writer(top, std::move(lock), std::move(commit), std::move(repairs));
}

}  // namespace mox::snapshots
