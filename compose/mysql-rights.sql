-- For whoever reads: shows transactions in flight, which an interval waits for.
GRANT PROCESS ON *.* TO 'olist'@'%';
