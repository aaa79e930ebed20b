"""Pages for people, in Moodle's own words: what a wrong address or a closed site answers."""

MAINTENANCE = """<!DOCTYPE html>
<html  lang="en" xml:lang="en">
    <head>
        <meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
                <title>{name} under maintenance</title>
    </head>
    <body>
        <div id="page">
            <div id="region-main">
                <h1>{name} under maintenance</h1>
                <div class='alert-danger'>The site is undergoing maintenance and is currently not available</div>
            </div>
        </div>
    </body>
</html>
"""
LOGIN = """<!DOCTYPE html>
<html dir="ltr" lang="en" xml:lang="en">
<head><title>Log in to the site | {name}</title></head>
<body id="page-login-index">
<form class="login-form" action="/login/index.php" method="post" id="login">
<input type="hidden" name="logintoken" value="">
<input type="text" name="username" id="username"><input type="password" name="password" id="password">
<button type="submit" id="loginbtn">Log in</button>
</form>
</body>
</html>
"""
NOT_FOUND = """<!DOCTYPE html>
<html dir="ltr" lang="en" xml:lang="en">
<head><title>Error | {name}</title></head>
<body><div class="alert alert-danger">Sorry, the requested file could not be found</div></body>
</html>
"""

# What stands before a site answers in its stead. The words are Apache's own: its 503 speaks of maintenance though
# there is none.
GATEWAY = """<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>{status} {reason}</title>
</head><body>
<h1>{reason}</h1>
<p>The server is temporarily unable to service your
request due to maintenance downtime or capacity
problems. Please try again later.</p>
</body></html>
"""
PORTAL = """<!DOCTYPE html>
<html><head><title>Wi-Fi</title></head>
<body><form action="/accept"><input type="submit" value="I accept the terms of use"></form></body>
</html>
"""
FATAL = """<br />
<b>Fatal error</b>:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in
<b>/var/www/moodle/lib/dml/moodle_database.php</b> on line <b>1402</b><br />
"""
