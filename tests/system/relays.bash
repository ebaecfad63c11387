# shellcheck shell=bash
# For the bats files of this folder: `load relays`, after `load servers`. Servers that relay for others, by mistake or on
# purpose, and servers that put off strangers. Each is a start as in `servers.bash`: NAME, and further words.
# shellcheck disable=SC2034

# A domain that none of the servers is for; nothing there could be reached either.
FOREIGN=foreign.example

# An access table that was meant for the domain's own mail: whoever claims to send as example.test may send anywhere.
postfix_open_by_sender_start() {
    postfix_start "$@" \
        'smtpd_relay_restrictions = check_sender_access inline:{{example.test=OK}}, permit_mynetworks, reject_unauth_destination'
}

# Everybody is trusted.
postfix_open_start() {
    postfix_start "$@" 'mynetworks = 0.0.0.0/0 [::]/0'
}

# A backup exchanger that knows no recipients and passes routed addresses on to the first.
postfix_backup_start() {
    postfix_start "$@" 'mydestination = localhost' 'relay_domains = example.test' 'relay_recipient_maps =' \
        'allow_untrusted_routing = yes'
}

# postscreen holds its greeting back for 2 s and then tries who comes for the first time.
postfix_postscreen_start() {
    postfix_start "$1" postscreen 'postscreen_greet_wait = 2s' 'postscreen_greet_banner = mx1.example.test one moment' \
        'postscreen_greet_action = enforce' 'postscreen_pipelining_enable = yes' \
        'postscreen_pipelining_action = enforce' 'postscreen_non_smtp_command_enable = yes' \
        'postscreen_bare_newline_enable = yes' "${@:2}"
}

# A stranger is put off for one second.
postfix_greylisting_start() {
    postgrey_start --delay=1
    postfix_start "$@" \
        'smtpd_recipient_restrictions = permit_mynetworks, check_policy_service inet:127.0.0.1:10023'
}
