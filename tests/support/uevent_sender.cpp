#include "support/uevent_sender.hpp"

#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace mox::test_support {

UeventSender::UeventSender() {
    if (::unshare(CLONE_NEWNET) != 0)
        throw std::system_error(errno, std::generic_category(), "a network namespace needs root");
    socket_.reset(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT));
    if (!socket_) throw std::system_error(errno, std::generic_category(), "uevent socket");
}

void UeventSender::send(std::string_view message) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<unsigned>(NLMSG_LENGTH(message.size()));
    header.nlmsg_type = NLMSG_MIN_TYPE;  // below that are messages of netlink itself
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    std::vector<char> packet(header.nlmsg_len);
    std::memcpy(packet.data(), &header, sizeof header);
    std::memcpy(packet.data() + NLMSG_HDRLEN, message.data(), message.size());
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (::sendto(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
                 sizeof kernel) < 0)
        throw std::system_error(errno, std::generic_category(), "uevent");

    // The acknowledgement comes when every listener has the message.
    struct Answer {
        nlmsghdr header;
        nlmsgerr error;
    } answer{};
    if (::recv(socket_.get(), &answer, sizeof answer, MSG_TRUNC) < 0)
        throw std::system_error(errno, std::generic_category(), "acknowledgement of a uevent");
    // No listener at all is no error of the sender's (ESRCH in some kernels).
    if (answer.error.error != 0 && answer.error.error != -ESRCH)
        throw std::system_error(-answer.error.error, std::generic_category(),
                                "the kernel refuses the uevent");
}

void UeventSender::send_button(std::string_view action, std::string_view button, long seen) {
    std::string message(action);
    message += '@';
    for (const std::string& variable :
         {std::string("HOME=/"), std::string("PATH=/sbin:/bin:/usr/sbin:/usr/bin"),
          std::string("SUBSYSTEM=button"), "ACTION=" + std::string(action), "BUTTON=" + std::string(button),
          "SEEN=" + std::to_string(seen)})
        message += '\0' + variable;
    send(message + '\0');
}

}  // namespace mox::test_support
