# postsearch on gunicorn 23 or newer, in place of `postsearch serve`. In the folder of your site:
# gunicorn --config gunicorn.conf.py 'server.wsgi:create()'

bind = "127.0.0.1:8000"
workers = 2
threads = 4

# The longest line that gunicorn takes: a question of a few hundred characters in any script.
limit_request_line = 8190

# A worker that is silent for so long is ended, and another takes its place.
timeout = 30
graceful_timeout = 5

# Each worker opens the index for itself, and follows it.
preload_app = False

# Nothing steers it but signals.
control_socket_disable = True
