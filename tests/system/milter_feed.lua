-- Plays a mail server to a milter that signs; for dkim.bats: miltertest -D socket=S -D message=FILE -s milter_feed.lua
-- Prints the message as the mail server would send it on: with what the milter inserted above it.

local function must(what, trouble)
    if trouble ~= nil then
        error(what .. ": " .. tostring(trouble))
    end
end

local conn = mt.connect(socket, 200, 0.05)
if conn == nil then
    error("no connection to " .. socket)
end

local function go_on(what, trouble)
    must(what, trouble)
    if mt.getreply(conn) ~= SMFIR_CONTINUE then
        error(what .. ": the milter does not continue")
    end
end

local file = io.open(message, "rb")
local text = file:read("*a")
file:close()
local head, body = text:match("^(.-\r\n)\r\n(.*)$")

go_on("connection", mt.conninfo(conn, "localhost", "127.0.0.1"))
must("macro", mt.macro(conn, SMFIC_MAIL, "i", "1"))
go_on("sender", mt.mailfrom(conn, "<alice@example.test>"))
go_on("recipient", mt.rcptto(conn, "<bob@example.net>"))
-- In the milter protocol the lines of a folded field end in LF, and the blank behind the colon is no part of the value.
for field in (head:gsub("\r\n([ \t])", "\n%1")):gmatch("([^\r]*)\r\n") do
    local name, value = field:match("^([^:]+): ?(.*)$")
    go_on(name, mt.header(conn, name, value))
end
go_on("end of header", mt.eoh(conn))
-- miltertest invents a body where it is given none; an empty line is the same to both canonical forms.
local sent = body == "" and "\r\n" or body
for at = 1, #sent, 60000 do
    go_on("body", mt.bodystring(conn, sent:sub(at, at + 59999)))
end
must("end of message", mt.eom(conn))

local signatures = {}
repeat
    local value = mt.getheader(conn, "DKIM-Signature", #signatures)
    if value ~= nil then
        table.insert(signatures, "DKIM-Signature:" .. value:gsub("\n", "\r\n") .. "\r\n")
    end
until value == nil
mt.disconnect(conn)
io.write(table.concat(signatures), text)
