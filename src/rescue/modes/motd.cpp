#include "rescue/modes/motd.hpp"

namespace mox::rescue {

std::string motd(const board::Description& board, const std::filesystem::path& log) {
    return "\n"
           "This is the rescue system of the " +
           board.name +
           ", running from memory.\n"
           "Changes here are lost at the next start, except changes on the card.\n"
           "\n"
           "  mox-rescue mount      the card's system on /mnt/card, to look at and to change\n"
           "  schnapps list         its snapshots; schnapps --help lists all commands\n"
           "  mox-rescue run MODE   one of the rescue modes, such as rollback, reflash, internet\n"
           "  less " +
           log.native() +
           "\n"
           "                        what the rescue system has done so far\n"
           "  busybox               all the tools: vi, fdisk, dd, gzip, strings, wget, ...\n"
           "\n"
           "When you are done: umount /mnt/card, then reboot.\n"
           "\n";
}

}  // namespace mox::rescue
